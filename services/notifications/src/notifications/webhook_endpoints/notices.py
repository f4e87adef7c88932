"""Telling an organization's administrators, within applications, that an endpoint was paused without their doing."""

import asyncio
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from contracts.permissions import role_id
from kernel import NotFound, rfc3339
from sqlalchemy import text

from notifications.notifications import commands

LOOK_EVERY = 5.0
MOST_ADMINISTRATORS = 100
MESSAGE_TYPE = "webhook-paused"

DUE = text("""
SELECT id, organization_id, url, paused_reason, paused_at FROM webhook_endpoints
 WHERE notice_due AND paused_at IS NOT NULL ORDER BY paused_at LIMIT 1
""")
DONE = text("UPDATE webhook_endpoints SET notice_due = false WHERE id = :id AND paused_at = :paused_at")

SUBJECTS = {"en": "A webhook was paused", "es": "Se ha pausado un webhook"}
WORDS: dict[tuple[str, str], str] = {
    ("en", "failing"): "{host} has taken no event for a day, so nothing is sent there any more. What happens meanwhile "
    "is kept for 30 days and goes out when you make the endpoint active again.",
    ("en", "gone"): "{host} answered that it is gone (410), so nothing is sent there any more, and nothing is kept "
    "for it.",
    ("es", "failing"): "{host} no ha aceptado ningún evento durante un día, así que ya no se le envía nada. Lo que "
    "ocurra entretanto se guarda 30 días y saldrá cuando vuelva a activar el destino.",
    (
        "es",
        "gone",
    ): "{host} respondió que ya no existe (410), así que ya no se le envía nada ni se guarda nada para él.",
}


class Paused(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint whose administrators have to be told."""

    id: UUID
    organization_id: UUID
    url: str
    paused_reason: Literal["failing", "gone"]
    paused_at: datetime


async def give_notices(runtime: Runtime) -> None:
    """In the worker: tell administrators of paused endpoints. Without authz or identity it waits."""
    while True:
        while await give_notice(runtime):
            pass
        await asyncio.sleep(LOOK_EVERY)


async def give_notice(runtime: Runtime) -> bool:
    """Tell the administrators of one paused endpoint, each once; False when there is none. Raises Unavailable."""
    async with runtime.reads() as session:
        row = (await session.execute(DUE)).mappings().first()
    if row is None:
        return False
    paused = Paused(**row)
    languages = {user_id: await _language(runtime, user_id) for user_id in await _administrators(runtime, paused)}
    async with runtime.sessions.begin() as session:
        for user_id, language in languages.items():
            words = WORDS[language, paused.paused_reason].format(host=urlsplit(paused.url).hostname)
            reference = uuid5(paused.id, f"{rfc3339(paused.paused_at)} {user_id}")
            told = (reference, MESSAGE_TYPE, SUBJECTS[language], words)
            await commands.tell(session, user_id, paused.organization_id, *told)
        await session.execute(DONE, {"id": paused.id, "paused_at": paused.paused_at})
    return True


async def _administrators(runtime: Runtime, paused: Paused) -> list[UUID]:
    role = role_id("org.admin", paused.organization_id)
    url = f"{runtime.common.authz_url}/v1/role-users/?role-id={role}&page%5Blimit%5D={MOST_ADMINISTRATORS}"
    try:
        answer = await get_as_service(runtime, url)
    except NotFound:
        return []
    return sorted({UUID(one["attributes"]["user"]["id"]) for one in answer["data"]})


async def _language(runtime: Runtime, user_id: UUID) -> str:
    try:
        answer = await get_as_service(runtime, f"{runtime.common.identity_url}/v1/users/{user_id}/")
    except NotFound:
        return "en"
    return "es" if str(answer["data"]["attributes"].get("locale")).startswith("es") else "en"
