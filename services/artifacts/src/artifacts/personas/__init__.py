"""Personas and whose they are."""
