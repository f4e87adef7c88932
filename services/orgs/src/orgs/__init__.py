"""Where people belong: organizations, groups, individuals and codes."""
