"""Recorded on one's word: who, what and why, and a person who will look at it; refuses to say which codes are known."""
