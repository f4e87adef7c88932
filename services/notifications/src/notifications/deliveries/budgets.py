"""How many messages an organization may send, a provider takes and a recipient gets.

A budget is one time (GCRA, ITU-T I.371): how far its messages reach ahead if each takes its share of the period. Who
comes beyond what may go at once is given the next free place, so each is put off once and none overtakes another.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from hashlib import blake2b
from uuid import UUID

import msgspec
from kernel import now
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.deliveries.commands import Claimed
from notifications.settings import Settings

BY_PROVIDER = ("email", "sms")
MINUTE, HOUR = 60.0, 3600.0
AT_ONCE_SECONDS = 1.0
"""A provider counts seconds: no more than one second's worth goes at once. The others may use a whole period's."""
SOON = 0.001

TAKE = text("""
INSERT INTO delivery_budgets AS b (key, full_at)
SELECT key, now() + make_interval(secs => takes)
  FROM unnest(CAST(:keys AS uuid[]), CAST(:takes AS float8[])) AS asked (key, takes) ORDER BY key
ON CONFLICT (key) DO UPDATE
   SET full_at = least(greatest(b.full_at, now()) + (excluded.full_at - now()), now() + :furthest)
RETURNING key, extract(epoch FROM full_at - now()) AS ahead
""")


class Budget(msgspec.Struct, frozen=True):
    """`step`: seconds that one message takes; `at_once`: how far ahead, in seconds, messages go without waiting."""

    key: UUID
    step: float
    at_once: float
    reason: str


class Place(msgspec.Struct, frozen=True):
    """When a message may go, and which budget made it wait."""

    at: datetime
    reason: str


Asking = Sequence[tuple[Claimed, str]]
"""Deliveries, in their order, with the addresses that they go to."""


async def places(session: AsyncSession, settings: Settings, asking: Asking) -> dict[UUID, Place]:
    """Take a place for each delivery that has none yet; those that have to wait. One statement for all of them."""
    wanted = [(one, list(_budgets(settings, one, address))) for one, address in asking if _counts(one)]
    budgets = {budget.key: budget for _, each in wanted for budget in each}
    if not budgets:
        return {}
    numbers = Counter(budget.key for _, each in wanted for budget in each)
    furthest = timedelta(seconds=HOUR) + max(one.ends_at for one, _ in wanted) - now()
    takes = {key: number * budgets[key].step for key, number in numbers.items()}
    values = {"furthest": furthest, "keys": list(takes), "takes": list(takes.values())}
    ahead = {key: float(reached) for key, reached in await session.execute(TAKE, values)}
    begun = now()
    reached = {key: ahead[key] - takes[key] for key in takes}
    found: dict[UUID, Place] = {}
    for one, each in wanted:
        waits = {budget.reason: reached[budget.key] - budget.at_once for budget in each}
        for budget in each:
            reached[budget.key] += budget.step
        reason = max(waits, key=lambda name: waits[name], default="")
        if reason and waits[reason] > SOON:
            found[one.id] = Place(begun + timedelta(seconds=waits[reason]), reason)
    return found


def _counts(claimed: Claimed) -> bool:
    """A message is counted at its first try; one that waited for its place has been."""
    return claimed.channel in BY_PROVIDER and claimed.attempts == 1 and claimed.slot_at is None


def _budgets(settings: Settings, claimed: Claimed, address: str) -> Iterable[Budget]:
    provider = {"email": settings.email_per_minute, "sms": settings.sms_per_minute}[claimed.channel]
    whose = "many" if claimed.bulk else "one"

    def key(*words: object) -> UUID:
        said = "/".join(str(word) for word in (whose, *words))
        return UUID(bytes=blake2b(said.encode(), digest_size=16, key=settings.service_secret.encode()[:64]).digest())

    if provider:
        step = MINUTE / provider
        yield Budget(key(claimed.channel), step, max(0.0, AT_ONCE_SECONDS - step), "limit-provider")
    if settings.organization_per_minute and claimed.organization_id:
        step = MINUTE / settings.organization_per_minute
        yield Budget(key("organization", claimed.organization_id), step, MINUTE - step, "limit-organization")
    if settings.recipient_per_hour:
        step = HOUR / settings.recipient_per_hour
        yield Budget(key(claimed.channel, address.lower()), step, HOUR - step, "limit-recipient")
