"""Capturing: events of applications, as PostHog's SDKs send them."""
