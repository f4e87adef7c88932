"""Which failures are the event's own, and which are the world's, so that the event has to wait."""

import asyncpg
from kernel import Unavailable
from sqlalchemy import exc

HOLD_SECONDS = 1.0
_WORLD = ("08", "28", "3D", "40", "53", "57", "58", "25006")
"""Starts of SQLSTATEs: connection, password, no such database, rollback by the server, resources, operator
intervention, system error, a server that became read-only."""
_OWN = "57014"
"""A statement that took too long is the handler's fault."""


class Later(Exception):
    """A handler raises it when something it needs is away: the event is held and tried again, and never parked."""

    def __init__(self, seconds: float = HOLD_SECONDS) -> None:
        """`seconds` until the next attempt."""
        super().__init__(f"again in {seconds} s")
        self.seconds = seconds


def held_for(error: BaseException) -> float | None:
    """Seconds until the same event should be tried again, or None when the fault is the event's own."""
    if isinstance(error, Later):
        return error.seconds
    if isinstance(error, Unavailable):
        return float(error.retry_after)
    if isinstance(error, ConnectionError | exc.TimeoutError | exc.InterfaceError):
        return HOLD_SECONDS
    if isinstance(error, exc.DBAPIError):
        state = getattr(error.orig, "sqlstate", None) or ""
        connecting = error.statement is None  # whatever the server said, it was before the handler asked anything
        return HOLD_SECONDS if connecting or error.connection_invalidated else _by_state(state)
    if isinstance(error, asyncpg.PostgresError):
        return _by_state(str(getattr(error, "sqlstate", "")))
    return HOLD_SECONDS if isinstance(error, asyncpg.InterfaceError) else None


def _by_state(state: str) -> float | None:
    return HOLD_SECONDS if state.startswith(_WORLD) and state != _OWN else None
