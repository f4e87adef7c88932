"""What one process of a service holds while it runs."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp
from database import Rows
from litestar.connection import ASGIConnection
from messaging.service import Messaging
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chassis.objects import Objects
from chassis.revocations import Revocations
from chassis.settings import ServiceSettings
from chassis.tokens import Verifier


@dataclass(slots=True)
class Runtime:
    """The process's settings, connections and knowledge.

    `sessions` opens transactions; `reads` opens sessions in which each statement is its own transaction; `row` answers
    the first row of one statement without a session (`database.Rows`). `http` reaches the platform's own services,
    `outside` what other people name (`chassis.outside`).
    """

    name: str
    settings: Any
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    reads: async_sessionmaker[AsyncSession]
    row: Rows
    verifier: Verifier
    revocations: Revocations
    objects: Objects
    messaging: Messaging = field(init=False)
    http: aiohttp.ClientSession | None = None
    outside: aiohttp.ClientSession | None = None
    internal_tokens: Any = None
    api_keys: Any = None
    extras: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def common(self) -> ServiceSettings:
        """The settings that every service has."""
        return self.settings


def runtime_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Runtime:
    """The runtime of the process that serves a connection."""
    return connection.app.state.runtime
