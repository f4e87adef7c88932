"""Roles of organizations and of the system."""
