"""Events by context and the names of permissions."""
