"""What is kept about a person, shown to them alone, and what they may do about it; refuses anybody else's data."""
