"""Cohorts: one record under three dialects."""
