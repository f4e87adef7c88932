"""What every service stands on: errors, principals, permissions, idempotency, telemetry, health."""
