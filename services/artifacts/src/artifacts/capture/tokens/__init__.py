"""Projects' public tokens."""
