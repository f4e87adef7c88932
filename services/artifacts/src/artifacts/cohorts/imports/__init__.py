"""Persons that come into a static cohort from a file: read at once, written in batches by the worker."""
