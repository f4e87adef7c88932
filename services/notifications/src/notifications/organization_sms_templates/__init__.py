"""Templates of short messages, of organizations and themes."""
