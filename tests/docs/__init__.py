"""The pages of docs/, the README and the examples say what the code does."""
