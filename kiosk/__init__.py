"""The process that sees faces; it has no network."""
