"""Reference HQ: receives, verifies, keeps sealed, counter-signs and shows; refuses whatever it cannot verify."""
