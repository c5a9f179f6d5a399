"""One file for each kind of server that can receive attendance."""
