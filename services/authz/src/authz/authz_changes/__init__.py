"""What changes in who may do what, as it changes."""
