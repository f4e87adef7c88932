"""Cohorts in the learning dialect."""
