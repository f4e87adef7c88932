"""Emulations: grants to act as another profile for a while."""
