"""Product events: what persons did, as applications captured it and as the platform itself saw it."""
