"""Files that were made for somebody to download."""
