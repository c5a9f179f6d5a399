"""The formats that cross a border, as pure functions over bytes; refuses every spelling but the one it writes."""
