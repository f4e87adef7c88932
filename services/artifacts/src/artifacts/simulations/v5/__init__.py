"""Simulations in the v5 dialect."""
