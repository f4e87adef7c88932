"""Which sessions have ended, keys were revoked and access tokens are outdated, as identity's events say.

The feed starts an access token's longest life in the past, so after it has caught up nothing that still lives is
missed. While it has been silent for `STALE_AFTER` seconds, identity is asked instead.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from contracts.event import Event
from contracts.identity import ApiKeyRevoked, OAuth2ClientDeleted, SessionEnded, TokensOutdated, UserDisabled
from kernel import Unauthorized, now

from chassis.principal import Principal

LONGEST_LIFE = timedelta(seconds=3600 + 60)
STALE_AFTER = 30.0
ASK_AGAIN_AFTER = 2.0
SWEEP_EVERY = 300.0

log = structlog.get_logger("chassis.revocations")

Ask = Callable[[Principal], Awaitable[None]]
"""Asks identity whether a token still counts: raises Unauthorized when not, Unavailable without an answer."""


class Revocations:
    """What is no longer to be believed."""

    def __init__(self, ask: Ask | None = None) -> None:
        """Without `ask` there is no feed to be stale: the caller keeps this up to date by itself."""
        self._ask = ask
        self._sessions: dict[UUID, datetime] = {}
        self._keys: dict[UUID, datetime] = {}
        self._users: dict[UUID, datetime] = {}
        self._asked: dict[str, float] = {}
        self._fresh_at = time.monotonic() if ask is None else float("-inf")
        self._swept = time.monotonic()
        self.caught_up = ask is None

    def apply(self, event: Event) -> None:
        """Take one event of identity in."""
        match event:
            case SessionEnded():
                self._sessions[event.session_id] = now()
            case ApiKeyRevoked():
                self._keys[event.api_key_id] = now()
            case OAuth2ClientDeleted():
                self._keys[event.oauth2_client_id] = now()
            case UserDisabled():
                self._outdate(event.user_id, event.ended_at)
            case TokensOutdated():
                self._outdate(event.user_id, event.issued_before)
            case _:
                pass

    def touch(self) -> None:
        """The feed has shown that nothing newer waits."""
        self._fresh_at = time.monotonic()
        self.caught_up = True
        if self._fresh_at - self._swept > SWEEP_EVERY:
            self._sweep()

    @property
    def stale(self) -> bool:
        """Whether the feed has been silent for too long to be relied on."""
        return self._ask is not None and time.monotonic() - self._fresh_at > STALE_AFTER

    async def check(self, principal: Principal) -> None:
        """Refuse a token whose session ended or which is outdated. Raises Unauthorized or Unavailable."""
        ended = self._sessions
        if ended and (principal.session_id in ended or principal.impersonator_session in ended):
            raise Unauthorized("The session has ended.", code="session-ended")
        if principal.key_id is not None and principal.key_id in self._keys:
            raise Unauthorized("The API key or client was revoked.", code="invalid-credential")
        if self._users and (
            self._outdated(principal.user_id, principal) or self._outdated(principal.impersonator, principal)
        ):
            raise Unauthorized("The token is outdated; refresh it.", code="token-outdated")
        if self.stale and self._ask is not None and principal.service is None:
            await self._ask_identity(principal, self._ask)

    async def _ask_identity(self, principal: Principal, ask: Ask) -> None:
        if time.monotonic() - self._asked.get(principal.token, float("-inf")) < ASK_AGAIN_AFTER:
            return
        await ask(principal)
        self._asked[principal.token] = time.monotonic()

    def _outdated(self, user_id: UUID | None, principal: Principal) -> bool:
        before = self._users.get(user_id) if user_id else None
        return before is not None and principal.issued_at < before

    def _outdate(self, user_id: UUID, before: datetime) -> None:
        if (known := self._users.get(user_id)) is None or known < before:
            self._users[user_id] = before

    def _sweep(self) -> None:
        """Forget what no living token can refer to."""
        self._swept = time.monotonic()
        limit = now() - LONGEST_LIFE
        self._sessions = {session: at for session, at in self._sessions.items() if at > limit}
        self._keys = {key: at for key, at in self._keys.items() if at > limit}
        self._users = {user: at for user, at in self._users.items() if at > limit}
        self._asked.clear()
