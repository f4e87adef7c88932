"""Cohorts in the v5 dialect."""
