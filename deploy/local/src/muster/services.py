"""The five services, in the order in which they are listed to people, and whose events each reads."""

SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")

CONSUMES: dict[str, frozenset[str]] = {
    "identity": frozenset({"identity", "orgs", "authz", "artifacts", "notifications"}),
    "orgs": frozenset({"identity", "authz", "artifacts"}),
    "authz": frozenset({"identity", "orgs", "authz"}),
    "artifacts": frozenset({"identity", "orgs", "authz", "artifacts"}),
    "notifications": frozenset({"identity", "orgs", "authz", "artifacts", "notifications"}),
}
"""Which contexts' streams a service's NATS user may read. Everyone reads identity's, to know of ended sessions."""
