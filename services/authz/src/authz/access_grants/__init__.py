"""What people may do beyond the rules."""
