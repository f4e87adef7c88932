"""Errors, identifiers, clock, pages and settings that every part of Muster shares."""
