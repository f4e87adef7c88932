"""What this service knows of organizations."""
