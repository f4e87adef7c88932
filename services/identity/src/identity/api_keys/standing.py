"""What an API key is worth at this moment, and the internal token that stands for it.

What the rows say is taken for true for a second: a key that was revoked or rotated out, or whose bearer was disabled or
left the organization, ends within that time in every process, whatever becomes of events. The signed token is kept for
longer and handed out again while the rows say the same, so that the services verify it once.
"""

from collections import OrderedDict
from time import monotonic
from typing import Any

from chassis.api_keys import digest, well_formed
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Unauthorized

from identity import tokens
from identity.parts import Parts, parts_of

KEPT = 20_000
KEPT_SECONDS = 1.0
LEAST_LEFT = 20.0
"""A kept token is handed out while it lives this many seconds more."""

ROLES = """
    ARRAY(SELECT r.name FROM user_roles r WHERE r.user_id = k.user_id AND r.organization_id = k.organization_id
           UNION SELECT o.role WHERE o.role IS NOT NULL ORDER BY 1)
"""
COUNTS = """
    k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()) AND u.state = 'confirmed'
    AND g.is_active IS NOT FALSE
"""
BEARER = """
    JOIN users u ON u.id = k.user_id
    JOIN user_organizations o ON o.user_id = k.user_id AND o.organization_id = k.organization_id
                             AND o.account_type = 'provider'
    LEFT JOIN organizations g ON g.id = k.organization_id
"""
OF_SECRET = f"""
    SELECT k.id, k.user_id, k.organization_id, k.scopes, least(k.expires_at, s.expires_at) AS ends,
           clock_timestamp() AS at, u.tokens_outdated_at AS outdated, {ROLES} AS roles,
           k.last_used_at IS NULL OR k.last_used_at < clock_timestamp() - interval '1 minute' AS unnoted
      FROM api_key_secrets s JOIN api_keys k ON k.id = s.api_key_id {BEARER}
     WHERE s.hash = $1 AND (s.expires_at IS NULL OR s.expires_at > clock_timestamp()) AND {COUNTS}
"""  # noqa: S608
OF_KEY = f"SELECT u.email, clock_timestamp() AS at FROM api_keys k {BEARER} WHERE k.id = $1 AND {COUNTS}"  # noqa: S608
NOTE = """
    UPDATE api_keys SET last_used_at = clock_timestamp()
     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < clock_timestamp() - interval '1 minute')
"""


class OwnApiKeys:
    """identity's own answer to what the other services ask it: the internal token of a key."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._parts: Parts = parts_of(runtime)
        self._minted: OrderedDict[tuple[Any, ...], tuple[float, str]] = OrderedDict()
        self.kept: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    async def translated(self, key: str) -> str:
        """The internal token of a key, which lives for a minute at most. Raises Unauthorized."""
        known = digest(key)
        if (kept := self.kept.get(known)) is not None and kept[0] > monotonic():
            return kept[1]
        token = await self._looked_up(key)
        self.kept[known] = (monotonic() + KEPT_SECONDS, token)
        self.kept.move_to_end(known)
        if len(self.kept) > KEPT:
            self.kept.popitem(last=False)
        return token

    async def _looked_up(self, key: str) -> str:
        row = await counting(self._runtime, key)
        if row is None:
            raise Unauthorized("The API key does not count.", code="invalid-credential")
        said = (row["id"], row["organization_id"], row["ends"], row["outdated"], *row["scopes"], None, *row["roles"])
        present = row["at"].timestamp()
        if (minted := self._minted.get(said)) is not None and minted[0] > present:
            return minted[1]
        return self._mint(row, said, present)

    def _mint(self, row: Any, said: tuple[Any, ...], present: float) -> str:
        left = (row["ends"].timestamp() - present) if row["ends"] else tokens.EDGE_SECONDS
        seconds = min(left, tokens.EDGE_SECONDS)
        subject = tokens.Subject(
            user_id=row["user_id"],
            session_id=None,
            organization_id=row["organization_id"],
            roles=tuple(row["roles"]),
            at=row["at"],
            scopes=frozenset(row["scopes"]),
            key_id=row["id"],
        )
        token = tokens.edge_token(self._parts, subject, seconds)
        self._minted[said] = (present + seconds - LEAST_LEFT, token)
        self._minted.move_to_end(said)
        if len(self._minted) > KEPT:
            self._minted.popitem(last=False)
        return token


async def counting(runtime: Runtime, key: str) -> Any:
    """The row of a key that counts now (`OF_SECRET`), None otherwise. That it was used is noted once a minute."""
    row = await runtime.row(OF_SECRET, digest(key)) if well_formed(key) else None
    if row is not None and row["unnoted"]:
        await runtime.row(NOTE, row["id"])
    return row


async def email_of(runtime: Runtime, principal: Principal) -> str | None:
    """The address of whom a key acts as, if the key still counts. Raises Unauthorized."""
    row = await runtime.row(OF_KEY, principal.key_id)
    if row is None:
        raise Unauthorized("The API key does not count any more.", code="invalid-credential")
    return row["email"]
