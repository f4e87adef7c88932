"""Who looks at a page: the interaction that it belongs to, in the browser where that began, and forms that it sent."""

import hmac
from typing import Any, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Forbidden
from sqlalchemy.ext.asyncio import AsyncSession

from identity.oauth2_client_settings.models import OAuth2Client
from identity.openid import browser_sessions
from identity.openid.interactions import queries
from identity.openid.interactions.models import Interaction
from identity.openid.interactions.requests import Request
from identity.openid.pages import languages
from identity.openid.pages.looks import look_of
from identity.openid.pages.problems import Ended
from identity.parts import Parts, parts_of
from identity.throttling.callers import AnyRequest

MOST_FIELDS = 120


class Visit(NamedTuple):
    """An interaction at a page. `form` is what was posted, `language` the page's."""

    interaction: Interaction
    client: OAuth2Client
    request: Request
    browser: str
    form: dict[str, str]
    language: str

    @property
    def cancelled(self) -> bool:
        """Whether the person does not want to."""
        return self.form.get("answer") == "cancel"

    def common(self, parts: Parts) -> dict[str, Any]:
        """What every page of an interaction shows."""
        return {
            "interaction": self.interaction.id,
            "csrf": csrf(parts, self.browser, str(self.interaction.id)),
            "client": self.client.name,
            "client_address": self.request.redirect_uri,
            "problem": None,
        }


async def look(runtime: Runtime, session: AsyncSession, request: AnyRequest) -> Visit:
    """The interaction that a page is opened for. Raises Ended."""
    return await _visit(runtime, session, request, request.query_params.get("interaction"), {})


async def posted(runtime: Runtime, session: AsyncSession, request: AnyRequest, *, lock: bool = True) -> Visit:
    """The interaction that a form was posted for, locked. Raises Ended, and Forbidden for a form that is not ours."""
    form = await fields(request)
    visit = await _visit(runtime, session, request, form.get("interaction"), form, lock=lock)
    demand_own(runtime, request, form, visit.browser, str(visit.interaction.id))
    return visit


async def locked(session: AsyncSession, visit: Visit) -> Visit:
    """The same visit once its interaction is locked. Raises Ended."""
    interaction = await queries.find(session, visit.interaction.id, visit.browser, lock=True)
    if interaction is None:
        raise Ended
    return visit._replace(interaction=interaction)


async def fields(request: AnyRequest) -> dict[str, str]:
    """The fields of a form; of those that come several times the last."""
    raw = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(raw, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        return {}


def csrf(parts: Parts, browser: str, about: str) -> str:
    """What a form has to bring along: only a page of ours, shown in this browser, knows it."""
    return parts.vault.mark("csrf", browser.encode("utf-8", "replace"), about.encode()).hex()


def demand_own(runtime: Runtime, request: AnyRequest, form: dict[str, str], browser: str, about: str) -> None:
    """Raise Forbidden for a form that another site made."""
    expected = csrf(parts_of(runtime), browser, about).encode()
    origin = request.headers.get("origin")
    foreign = origin not in {None, "null", runtime.common.public_url}
    if foreign or not browser or not hmac.compare_digest(form.get("csrf", "").encode("utf-8", "replace"), expected):
        raise Forbidden("This form was not sent from our page. Go back and try again.", code="foreign-form")


async def _visit(
    runtime: Runtime,
    session: AsyncSession,
    request: AnyRequest,
    named: str | None,
    form: dict[str, str],
    *,
    lock: bool = False,
) -> Visit:
    browser = browser_sessions.browser_of(request, parts_of(runtime)) or ""
    try:
        identifier = UUID(named or "")
    except ValueError:
        raise Ended from None
    interaction = await queries.find(session, identifier, browser, lock=lock)
    if interaction is None:
        raise Ended
    client, asked = await session.get_one(OAuth2Client, interaction.client_id), queries.request_of(interaction)
    request.state.ui_locales = asked.ui_locales
    request.state.look = await look_of(runtime, session, interaction.organization_id)
    return Visit(interaction, client, asked, browser, form, languages.choose(request))
