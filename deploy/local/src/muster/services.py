"""The five services, in the order in which they are listed to people."""

SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")
