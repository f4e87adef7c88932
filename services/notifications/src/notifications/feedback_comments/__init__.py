"""What people typed about the pages they were on."""
