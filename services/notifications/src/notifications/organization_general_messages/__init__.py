"""Short texts of organizations, by name and locale."""
