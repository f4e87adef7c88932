"""Messages on their way: one row a message, claimed, rendered, handed over, settled."""
