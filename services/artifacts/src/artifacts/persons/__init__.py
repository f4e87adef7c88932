"""Persons: who appears in an organization's product, with properties and the ids that applications know them by."""
