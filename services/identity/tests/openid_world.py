"""A client of an organization, a person with a browser, and what passes between them and the provider."""

import base64
import hashlib
import re
import secrets
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.integrations.httpx_client.oauth2_client import httpx2
from identity_world import PASSWORD, Json, World, kebab, new
from joserfc import jwt
from joserfc.jwk import KeySet
from testkit.client import BASE_URL, Client

SETTINGS_PATH = "/v1/oauth2-client-settings/"
CALLBACK = "https://app.example/callback"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
ACTION = re.compile(r'<form method="post" action="([^"]+)"')


class App(NamedTuple):
    """A registered client."""

    id: str
    client_id: str
    secret: str | None
    organization_id: UUID
    admin: Client

    @property
    def basic(self) -> tuple[str, str]:
        return self.client_id, self.secret or ""


class Pkce(NamedTuple):
    """A verifier and its challenge."""

    verifier: str
    challenge: str


def pkce() -> Pkce:
    verifier = secrets.token_urlsafe(48)
    return Pkce(verifier, base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("="))


async def admin_of(world: World, organization_id: UUID) -> Client:
    """The client of an administrator."""
    return world.client.as_(user_id=await world.staff(organization_id, role="org.admin"))


async def registered(world: World, admin: Client | None = None, **fields: Any) -> App:
    """A client of the organization that people sign up to."""
    organization_id = fields.pop("organization_id", world.orgs.organization_id)
    admin = admin or await admin_of(world, organization_id)
    given = {"name": "Care app", "organization_id": str(organization_id), "redirect_uris": [CALLBACK]} | fields
    answer = await admin.post(SETTINGS_PATH, json=new("oauth2-client-settings", kebab(given)))
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    shown = made["attributes"]
    return App(made["id"], shown["client-id"], shown["secret"], organization_id, admin)


class Browser(httpx.AsyncClient):
    """A person's browser: it keeps cookies, and goes from page to page but not to other sites."""

    def __init__(self, world: World, username: str = "", password: str = PASSWORD, base_url: str = BASE_URL) -> None:
        transport = httpx.ASGITransport(app=world.client.app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url=base_url)
        self.username, self.password = username, password
        self.seen: list[str] = []

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        """Follow redirects within the platform."""
        while answer.status_code == 303 and not urlsplit(answer.headers["location"]).netloc:
            self.seen.append(urlsplit(answer.headers["location"]).path)
            answer = await self.get(answer.headers["location"])
        return answer

    async def submit(self, page: httpx.Response, **typed: str) -> httpx.Response:
        """Send the form of a page."""
        action = ACTION.search(page.text)
        assert action, page.text
        form = {**dict(HIDDEN.findall(page.text)), "answer": "go", **typed}
        return await self.follow(await self.post(action[1], data=form))

    async def sign_in(self, page: httpx.Response) -> httpx.Response:
        return await self.submit(page, username=self.username, password=self.password)

    async def visit(self, parameters: Json) -> httpx.Response:
        """Come with a client's request."""
        return await self.follow(await self.get("/oauth2/authorize", params=parameters))

    async def through(self, answer: httpx.Response, **typed: str) -> httpx.Response:
        """Answer the pages one after the other, until the client's address comes."""
        while answer.status_code == 200:
            title = re.search(r"<h1>(.*?)</h1>", answer.text)
            assert title, answer.text
            answer = await (self.sign_in(answer) if "Sign in" in title[1] else self.submit(answer, **typed))
        return answer


def request_of(app: App, **changed: Any) -> Json:
    """A good authorization request."""
    asked = {
        "client_id": app.client_id,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid profile email offline_access",
        "state": "st-1",
        "nonce": "no-1",
    }
    return {name: value for name, value in (asked | changed).items() if value is not None}


def told(answer: httpx.Response) -> Json:
    """What a redirect to the client tells it."""
    assert answer.status_code == 303, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}


async def coded(world: World, app: App, browser: Browser, **changed: Any) -> str:
    """A code that a person has let the client have."""
    answer = told(await browser.through(await browser.visit(request_of(app, **changed))))
    assert "code" in answer, answer
    return answer["code"]


async def person(world: World) -> Browser:
    """Somebody of the organization, not signed in yet."""
    username, _ = await world.confirmed()
    return Browser(world, username)


async def exchange(world: World, app: App, auth: tuple[str, str] | None = None, **form: Any) -> httpx.Response:
    """A request at the token endpoint."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=world.client.app), base_url=BASE_URL) as plain:
        return await plain.post("/oauth2/token", data=form, auth=auth or app.basic)


async def redeem(world: World, app: App, code: str, **form: Any) -> httpx.Response:
    given = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK} | form
    return await exchange(world, app, **given)


async def tokens(world: World, app: App, browser: Browser | None = None, **changed: Any) -> Json:
    """Tokens that a person has let the client have."""
    browser = browser or await person(world)
    answer = await redeem(world, app, await coded(world, app, browser, **changed))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def keys(world: World) -> KeySet:
    return KeySet.import_key_set((await world.client.get("/.well-known/jwks.json")).json())


async def claims(world: World, token: str) -> Json:
    """What a token of ours says."""
    return dict(jwt.decode(token, await keys(world), algorithms=["ES256"]).claims)


def authlib(world: World, app: App, **options: Any) -> AsyncOAuth2Client:
    """Authlib's own client."""
    standing: Json = {
        "client_id": app.client_id,
        "client_secret": app.secret,
        "scope": "openid profile email offline_access",
        "redirect_uri": CALLBACK,
        "transport": httpx2.ASGITransport(app=world.client.app),
        "code_challenge_method": "S256",
        "token_endpoint_auth_method": "client_secret_basic",
    }
    return AsyncOAuth2Client(**standing | options)


async def userinfo(world: World, token: str) -> httpx.Response:
    return await world.client.get("/oauth2/userinfo", headers={"authorization": f"Bearer {token}"})


async def lives(world: World, token: str) -> bool:
    """Whether an access token of a client counts."""
    return (await userinfo(world, token)).status_code == 200


def unknown() -> str:
    return str(uuid4())
