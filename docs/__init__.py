"""Pages for users, and the generator of what they share with the code."""
