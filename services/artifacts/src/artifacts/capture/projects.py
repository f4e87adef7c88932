"""Whose events a token is for."""

import time
from collections import OrderedDict
from uuid import UUID

from chassis.api_keys import PREFIX
from chassis.runtime import Runtime
from kernel import Forbidden, Unauthorized

SCOPE = "event:write"
KEPT_SECONDS = 5.0
"""So long a token that was replaced may still count."""
MOST_KEPT = 10_000
LONGEST_TOKEN = 200
OWNER = "SELECT id FROM organizations WHERE capture_token = $1 AND is_active"
UNKNOWN = "The project's token does not count; send `api_key` with the one of your project."


class Projects:
    """The organizations of tokens, those that were asked for last."""

    def __init__(self, runtime: Runtime) -> None:
        """Nothing is known yet."""
        self._runtime = runtime
        self._kept: OrderedDict[str, tuple[float, UUID | None]] = OrderedDict()

    async def find(self, token: str) -> UUID:
        """The organization of a project's token, or of an API key with the scope `event:write`.

        Raises Unauthorized, Forbidden.
        """
        if not token or len(token) > LONGEST_TOKEN or not token.isascii() or "\x00" in token:
            raise Unauthorized(UNKNOWN, code="invalid-token")
        if token.startswith(PREFIX):
            return await self._of_key(token)
        kept = self._kept.get(token)
        if kept is None or kept[0] < time.monotonic():
            row = await self._runtime.row(OWNER, token)
            kept = self._kept[token] = (time.monotonic() + KEPT_SECONDS, row["id"] if row else None)
            self._kept.move_to_end(token)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        if kept[1] is None:
            raise Unauthorized(UNKNOWN, code="invalid-token")
        return kept[1]

    async def _of_key(self, key: str) -> UUID:
        principal = await self._runtime.verifier.verify(await self._runtime.api_keys.translated(key))
        await self._runtime.revocations.check(principal)
        if SCOPE not in (principal.scopes or ()):
            raise Forbidden(f"The credential lacks the scope {SCOPE}.", code="insufficient-scope")
        if principal.organization_id is None:
            raise Unauthorized(UNKNOWN, code="invalid-token")
        return principal.organization_id
