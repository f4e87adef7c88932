"""What several deliveries need to be known before they can be sent, asked for together."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import now
from sqlalchemy.ext.asyncio import AsyncSession

from notifications.channels.channel import Deferred, Refused
from notifications.channels.unconfigured import TO_DEVICES
from notifications.communication_preferences import commands as preferences
from notifications.deliveries import contents, holding_back
from notifications.deliveries.commands import Claimed
from notifications.deliveries.contents import Content
from notifications.deliveries.holding_back import Later
from notifications.suppressions import commands as suppressions
from notifications.templates import platform_texts, queries
from notifications.templates.queries import Chosen
from notifications.templates.types import MESSAGES, OPTIONAL

TO_USERS = frozenset({"in-app", *TO_DEVICES})
WEB = frozenset({"in-app", "web-push"})
"""What people call the web when they say what they want."""

Looks = tuple[UUID, str, str, str]
"""An organization, a channel, a type of template and a locale."""


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Contents or why there is none, by delivery; whom not to tell, and why; templates; what has to wait."""

    contents: dict[UUID, Content | Deferred | Refused]
    suppressed: dict[tuple[str, str], str]
    unwanted: set[tuple[UUID, str, str]]
    chosen: dict[Looks, Chosen]
    later: dict[UUID, Later]


async def look_up(runtime: Runtime, batch: Sequence[Claimed]) -> Known:
    """Everything for a batch: one call to identity and a few statements."""
    found = await contents.fetch(runtime, batch)
    ready = [(one, content) for one in batch if isinstance(content := found[one.id], Content)]
    going = [(one, content, address) for one, content in ready if (address := recipient(one, content))]
    addresses = {(one.channel, address) for one, _, address in going}
    async with runtime.reads() as session:
        suppressed = await suppressions.reasons(session, addresses) if addresses else {}
        unwanted = await _unwanted(session, batch)
        going = [each for each in going if (each[0].channel, each[2]) not in suppressed]
        going = [each for each in going if preference(each[0]) not in unwanted and now() < each[0].ends_at]
        return Known(
            contents=found,
            suppressed=suppressed,
            unwanted=unwanted,
            chosen={key: await queries.choose(session, *key) for key in {looks(*one) for one in ready} if key},
            later=await holding_back.held_back(session, runtime.settings, going),
        )


def recipient(claimed: Claimed, content: Content) -> str | None:
    """Where a delivery goes."""
    person = content.person
    return {"email": person.email, "sms": person.phone}.get(claimed.channel) or (
        str(claimed.user_id) if claimed.channel in TO_USERS and claimed.user_id else None
    )


def looks(claimed: Claimed, content: Content) -> Looks | None:
    """By what an organization's own template is chosen; None where only the platform's can be."""
    kind = MESSAGES.get((claimed.channel, claimed.type))
    if kind is None or claimed.organization_id is None or claimed.test:
        return None
    spoken = platform_texts.nearest(content.locale or platform_texts.DEFAULT_LOCALE)
    return claimed.organization_id, claimed.channel, kind, spoken


def preference(claimed: Claimed) -> tuple[UUID, str, str] | None:
    """What somebody may have said of a delivery; None where they are not asked."""
    if claimed.type not in OPTIONAL or claimed.user_id is None or claimed.test:
        return None
    return claimed.user_id, claimed.type, "web" if claimed.channel in WEB else claimed.channel


async def _unwanted(session: AsyncSession, batch: Sequence[Claimed]) -> set[tuple[UUID, str, str]]:
    asked = {key for one in batch if (key := preference(one))}
    return await preferences.unwanted(session, asked) if asked else set()
