"""Personas in the v5 dialect."""
