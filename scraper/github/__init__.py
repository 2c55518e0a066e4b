"""GitHub: the one package that knows the network."""
