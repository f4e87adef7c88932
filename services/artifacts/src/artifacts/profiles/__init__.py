"""Profiles: how a user appears in an organization's applications."""
