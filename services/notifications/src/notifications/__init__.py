"""What people are told: templates, mail and its log."""
