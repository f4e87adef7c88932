"""The muster command: runs the whole platform on one machine."""
