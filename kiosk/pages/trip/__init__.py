"""Business trips: what is said of one after it was recorded, and a slip that is held up; refuses the way between."""
