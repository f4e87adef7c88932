"""Cohorts and profiles, in three published dialects."""
