"""Drafts: forms that somebody has begun and not saved."""
