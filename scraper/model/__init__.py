"""The data model: fields, accounts and events. Pure: no files, network or SQL."""
