"""Cohorts in the projects dialect."""
