"""The five services, in the order in which they are listed to people, and whose events each reads."""

SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")

CONSUMES: dict[str, frozenset[str]] = {name: frozenset(SERVICES) for name in SERVICES}
"""Which contexts' streams a service may read. Its own is among them where it follows ended sessions."""
