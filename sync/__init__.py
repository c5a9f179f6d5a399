"""The process that speaks to HQ; it holds no face, no name and no key but its own."""
