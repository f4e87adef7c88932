"""Profiles in the v5 dialect."""
