"""Who someone is: accounts, sessions, tokens and signing keys."""
