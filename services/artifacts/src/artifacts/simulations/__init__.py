"""Simulations, their positions and their availability."""
