"""Mail templates of organizations and themes."""
