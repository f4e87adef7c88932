"""What a process learns from the others: identity's keys and ended sessions, and its own consumers."""
