"""What all of the v5 dialect has in common."""
