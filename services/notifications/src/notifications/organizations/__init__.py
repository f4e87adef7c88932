"""Organizations, as far as messages need to know them."""
