"""Every state that a hosted page can be in, reached as a person reaches it: through HTTP, in a language."""

from typing import Any, NamedTuple
from uuid import uuid4

import httpx
from authenticators import with_authenticator
from documents import publish
from identity_world import Json, World
from openid_world import DEVICE, App, Browser, admin_of, person, registered, request_of
from testkit.client import BASE_URL
from upstreams import Federation

SCOPES = ["openid", "profile", "email", "phone", "offline_access", "cohort:read", "cohort:write", "individual:read"]
NAMES = [
    "consent",
    "device",
    "device-connected",
    "device-consent",
    "device-denied",
    "device-late",
    "device-wrong",
    "documents",
    "elsewhere",
    "ended",
    "problem",
    "second-factor",
    "second-factor-wrong",
    "sign-in",
    "sign-in-without-organization",
    "sign-in-wrong",
    "sign-out",
    "signed-out",
    "still-signed-in",
]


class Hosted(NamedTuple):
    """An application of an organization that shows a logo and has its own provider for clinic.test."""

    world: World
    app: App
    plain: App

    async def browser(self, language: str, browser: Browser | None = None) -> Browser:
        """Somebody's browser, set to a language."""
        browser = browser or await person(self.world)
        browser.headers["accept-language"] = f"fr, {language}-MX;q=0.8, de;q=0.2"
        return browser


def shows(world: World, organization_id: Any, *, logo: bool = True) -> None:
    """Let the stand-in of orgs say how an organization shows itself."""
    theme = str(uuid4())
    address = f"{BASE_URL}/v1/organizations/{organization_id}/logo/?size=small&version=1"
    world.orgs.shown[str(organization_id)] = {"logo-urls": {"small": address} if logo else None, "theme-id": theme}
    world.orgs.shown[theme] = {"support-email": "help@clinic.test", "support-email-name": "Clinic's help desk"}


async def arranged(world: World, federation: Federation, upstream: str) -> Hosted:
    """Applications and an organization to look at."""
    provider = await federation.oidc(upstream, domains=["clinic.test"])
    assert (await federation.own(provider["id"], "clinic.test")).is_success
    organization_id = federation.organization_id
    shows(world, organization_id)
    admin = await admin_of(world, organization_id)
    granted = ["authorization_code", "refresh_token", DEVICE]
    fields: Json = {"scopes": SCOPES, "grant_types": granted, "name": "Care & Recovery Planner"}
    app = await registered(world, admin, organization_id=organization_id, **fields)
    plain = await registered(world, **fields | {"name": "Care app"})
    return Hosted(world, app, plain)


async def every(hosted: Hosted, language: str) -> dict[str, httpx.Response]:
    """Each state by its name."""
    found = await _signing_in(hosted, language)
    found |= await _factors(hosted, language)
    found |= await _devices(hosted, language)
    found |= await _signing_out(hosted, language)
    browser = await hosted.browser(language)
    found["consent"] = await browser.sign_in(await browser.visit(request_of(hosted.app, scope=" ".join(SCOPES))))
    await publish(
        hosted.world,
        title="Terms & conditions of use",
        version=language,
        organization_id=str(hosted.app.organization_id),
    )
    member = await hosted.browser(language)
    await hosted.world.belongs(await hosted.world.user_id(member.username), hosted.app.organization_id)
    found["documents"] = await member.sign_in(await member.visit(request_of(hosted.app)))
    found["problem"] = await browser.visit(request_of(hosted.app, redirect_uri="https://evil.example/"))
    found["ended"] = await browser.get("/oauth2/ended")
    return found


async def _signing_in(hosted: Hosted, language: str) -> dict[str, httpx.Response]:
    browser = await hosted.browser(language)
    page = await browser.visit(request_of(hosted.app, scope=" ".join(SCOPES)))
    return {
        "sign-in": page,
        "sign-in-wrong": await browser.submit(page, username="somebody@else.test", password="wrong"),
        "sign-in-without-organization": await browser.submit(page, username="ada", answer="organization"),
        "elsewhere": await browser.submit(page, username="ann@clinic.test", answer="organization"),
    }


async def _factors(hosted: Hosted, language: str) -> dict[str, httpx.Response]:
    owner = await with_authenticator(hosted.world)
    browser = await hosted.browser(language, Browser(hosted.world, owner.username))
    page = await browser.sign_in(await browser.visit(request_of(hosted.app)))
    return {"second-factor": page, "second-factor-wrong": await browser.submit(page, code="000000")}


async def _devices(hosted: Hosted, language: str) -> dict[str, httpx.Response]:
    browser, found = await hosted.browser(language), {}
    found["device"] = page = await browser.get("/oauth2/device")
    found["device-wrong"] = await browser.submit(page, user_code="AAAA-AAAA")
    asked = {"client_id": hosted.plain.client_id, "scope": "openid cohort:read"}
    answer = await hosted.world.client.post("/oauth2/device_authorization", data=asked, auth=hosted.plain.basic)
    page = await browser.submit(page, user_code=answer.json()["user_code"])
    found["device-consent"] = page = await browser.sign_in(page)
    found["device-connected"] = await browser.submit(page)
    for result in ("denied", "late"):
        found[f"device-{result}"] = await browser.get(f"/oauth2/device?result={result}")
    return found


async def _signing_out(hosted: Hosted, language: str) -> dict[str, httpx.Response]:
    browser = await hosted.browser(language)
    await browser.submit(await browser.sign_in(await browser.visit(request_of(hosted.plain))))
    page = await browser.get("/oauth2/end-session")
    return {
        "sign-out": page,
        "still-signed-in": await browser.submit(page, answer="cancel"),
        "signed-out": await browser.submit(page),
    }


__all__ = ["NAMES", "Hosted", "arranged", "every", "shows"]
