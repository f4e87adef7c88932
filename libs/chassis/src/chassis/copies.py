"""Telling identity that this service holds a copy of a user, so that people can see where they are known."""

from uuid import UUID

import structlog
from kernel import Unavailable

from chassis.clients import SLOW_DEADLINE, call
from chassis.runtime import Runtime

REMEMBERED = 10_000
CREATED = 201

log = structlog.get_logger("chassis.copies")


async def note_copy(runtime: Runtime, user_id: UUID) -> None:
    """Say it once a process. Raises nothing: what fails now is said when the user is read the next time."""
    noted: set[UUID] = runtime.extras.setdefault("copies", set())
    if user_id in noted:
        return
    attributes = {"user-id": str(user_id), "service": runtime.name}
    body = {"data": {"type": "user-replications", "attributes": attributes}}
    url = f"{runtime.common.identity_url}/v1/user-replications/"
    try:
        token = await runtime.internal_tokens.get()
        status, _, _ = await call(runtime, "POST", url, token=token, body=body, deadline=SLOW_DEADLINE)
    except Unavailable:
        return
    if status != CREATED:
        log.info("copy not noted", status=status)
        return
    if len(noted) >= REMEMBERED:
        noted.clear()
    noted.add(user_id)
