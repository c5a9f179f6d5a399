"""Recorded on one's word: who, what and why, and that a person will look at it; refuses to say whether a code is known."""
