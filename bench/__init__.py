"""Measurements, each beside its limit from the same run."""
