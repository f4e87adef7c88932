"""Events by context and the names of permissions."""

from contracts import artifacts, authz, erasure, identity, impersonation, notifications, orgs
from contracts.event import PARTITIONS, REGISTRY, Event, event, key, partition, stream, subject

CONTEXTS = ("identity", "orgs", "authz", "artifacts", "notifications")

__all__ = [
    "CONTEXTS",
    "PARTITIONS",
    "REGISTRY",
    "Event",
    "artifacts",
    "authz",
    "erasure",
    "event",
    "identity",
    "impersonation",
    "key",
    "notifications",
    "orgs",
    "partition",
    "stream",
    "subject",
]
