"""How often recognition is wrong, measured on photographs in files; refuses to read the store."""
