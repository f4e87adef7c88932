"""Who copies identity's events, as JetStream tells it."""

from uuid import UUID, uuid5

from chassis.runtime import Runtime
from kernel import NotFound, Page, Slice
from messaging.durables import Copying

from identity.replicators.schemas import ReplicatorAttributes

NAMESPACE = UUID("018f0000-0000-7000-8000-0000000000f1")


def id_of(row: Copying) -> UUID:
    """A replicator's id: UUIDv5 of its consumer's name."""
    return uuid5(NAMESPACE, row.name)


async def list_(runtime: Runtime, page: Page) -> Slice[Copying]:
    """One page, by name. Raises Unavailable."""
    found = await runtime.messaging.copying()
    return Slice(found[page.offset : page.offset + page.limit], len(found), page)


async def read(runtime: Runtime, replicator_id: UUID) -> Copying:
    """One of them. Raises NotFound or Unavailable."""
    for row in await runtime.messaging.copying():
        if id_of(row) == replicator_id:
            return row
    raise NotFound


def attributes(row: Copying) -> ReplicatorAttributes:
    """A replicator's attributes."""
    return ReplicatorAttributes(row.name, row.created_at, row.polled_at)
