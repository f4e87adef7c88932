"""How fresh the index is for a user."""
