"""Events on their way to an organization's address: one row an endpoint and event, tried until it is taken."""
