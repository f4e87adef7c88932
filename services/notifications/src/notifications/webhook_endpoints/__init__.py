"""Addresses of organizations that are told of events, signed after Standard Webhooks (standardwebhooks.com)."""
