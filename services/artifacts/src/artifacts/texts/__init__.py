"""Names and descriptions that several records share."""
