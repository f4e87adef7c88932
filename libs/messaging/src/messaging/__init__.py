"""Outbox, relay, inbox and consumers over NATS JetStream."""
