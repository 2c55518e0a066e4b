"""What the data are: fields, accounts and events. Pure: no file, no network, no SQL."""
