"""Addresses that are not sent to: they bounced, or their owner complained."""
