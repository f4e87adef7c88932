"""Identity providers that tests sign in through: a certified OpenID Provider, and a name server of the tests' own."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import dns.message
import dns.rcode
import dns.rrset
import httpx
import msgspec
import pytest
import pytest_asyncio
from contracts.orgs import OrganizationCreated
from identity_world import World, email, new
from testkit import node, servers
from testkit.client import BASE_URL, Client

Json = dict[str, Any]

FOLDER = Path(__file__).parent / "upstream_provider"
KIND = "identity-providers"
PATH = "/v1/identity-providers/"
APPLICATION = "https://app.clinic.test/signed-in"
SECRET = "a secret that the provider gave, long enough"
ACCOUNTS: Json = {
    "ann": {
        "email": "ann@clinic.test",
        "email_verified": True,
        "given_name": "Ann",
        "family_name": "Lee",
        "locale": "es-US",
        "groups": ["nurses", "admins"],
    },
    "bob": {"email": "bob@clinic.test", "email_verified": False, "given_name": "Bob", "groups": []},
    "eve": {"email": "eve@elsewhere.test", "email_verified": True},
    "sam": {"given_name": "Sam"},
}


def client_of(method: str) -> Json:
    return {
        "client_id": f"muster-{method}",
        "client_secret": SECRET,
        "token_endpoint_auth_method": method,
        "redirect_uris": [f"{BASE_URL}/v1/oauth2-redirector/"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
    }


@pytest.fixture(scope="session")
def upstream(run_folder: Path) -> Iterator[str]:
    """The address of npm's oidc-provider, shared by the workers of a run."""
    clients = [client_of(method) for method in ("client_secret_basic", "client_secret_post")]

    def start(folder: Path) -> servers.Server:
        environment = {"CLIENTS": json.dumps(clients), "ACCOUNTS": json.dumps(ACCOUNTS)}
        return node.serve(FOLDER, "provider.mjs", folder, **environment)

    with servers.shared(run_folder, "upstream-provider", start) as url:
        yield url


class Names(asyncio.DatagramProtocol):
    """A name server with the TXT records that a test gives it."""

    def __init__(self) -> None:
        self.records: dict[str, list[str]] = {}

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        question = asked.question[0]
        found = self.records.get(question.name.to_text(omit_final_dot=True).lower())
        if found is None:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        else:
            quoted = [f'"{text}"' for text in found]
            answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", *quoted))
        self.transport.sendto(answer.to_wire(), addr)


@pytest_asyncio.fixture
async def name_server() -> AsyncIterator[tuple[str, Names]]:
    loop = asyncio.get_running_loop()
    transport, names = await loop.create_datagram_endpoint(Names, local_addr=("127.0.0.1", 0))
    host, port = transport.get_extra_info("sockname")[:2]
    yield f"{host}:{port}", names
    transport.close()


class Federation:
    """An organization, its administrator, and what they do with identity providers."""

    def __init__(self, world: World, names: Names) -> None:
        self.world, self.names = world, names
        self.organization_id = uuid4()
        self.admin_id = uuid4()

    @property
    def admin(self) -> Client:
        return self.world.client.as_(user_id=self.admin_id)

    def browser(self) -> Client:
        """A browser without anything."""
        return Client(self.world.client.app)

    async def arrange(self) -> None:
        place = {"name": "clinic", "display_name": "Clinic"}
        await self.world.hear(
            OrganizationCreated(organization_id=self.organization_id, number=1, created_by=None, **place)
        )
        self.admin_id = await self.world.staff(self.organization_id, "org.admin")

    async def create(self, **attributes: Any) -> httpx.Response:
        body = {"organization-id": str(self.organization_id), "name": "Clinic's own", **attributes}
        return await self.admin.post(PATH, json=new(KIND, body))

    async def oidc(self, issuer: str, **attributes: Any) -> Json:
        method = attributes.get("client-authentication", "client_secret_basic")
        standing = {"protocol": "oidc", "issuer": issuer, "client-id": f"muster-{method}", "client-secret": SECRET}
        answer = await self.create(**{**standing, "redirect-addresses": [APPLICATION], **attributes})
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def change(self, provider: str, **attributes: Any) -> httpx.Response:
        body = {"data": {"type": KIND, "id": provider, "attributes": attributes}}
        return await self.admin.patch(f"{PATH}{provider}/", json=body)

    async def own(self, provider: str, domain: str) -> httpx.Response:
        """Show that a domain is the organization's."""
        shown = (await self.admin.get(f"{PATH}{provider}/")).json()["data"]["attributes"]["domains"]
        record = next(one for one in shown if one["domain"] == domain)
        self.names.records[record["record-name"]] = ["v=something else", record["record-value"]]
        return await self.admin.post(f"{PATH}{provider}/verify-domain/", json={"domain": domain})

    async def start(self, browser: Client, provider: str, **parameters: str) -> str:
        """Where a sign-in through a provider sends the browser."""
        answer = await browser.get(f"{PATH}{provider}/sign-in/", params=parameters)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def through(self, provider: str, name: str, **parameters: str) -> httpx.Response:
        """Sign in at the OpenID Provider as `name` and come back."""
        browser = self.browser()
        return await browser.get(await at_upstream(await self.start(browser, provider, **parameters), name))

    async def exchanged(self, answer: httpx.Response, **fields: Any) -> httpx.Response:
        """Tokens for the code that an application was sent."""
        return await self.world.post("/v1/login/exchange/", {"code": code_in(answer), **fields})


async def at_upstream(address: str, name: str) -> str:
    """Sign in and consent in oidc-provider's own pages; the address that it sends the browser back to."""
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(address)
        for _ in range(10):
            if answer.has_redirect_location:
                place = str(httpx.URL(str(answer.url)).join(answer.headers["location"]))
                if place.startswith(BASE_URL):
                    return place
                answer = await browser.get(place)
                continue
            assert answer.status_code == 200, answer.text
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert prompt, answer.text
            form = {"prompt": prompt[1]} | ({"login": name, "password": "any"} if prompt[1] == "login" else {})
            answer = await browser.post(str(answer.url), data=form)
    raise AssertionError("the provider goes in circles")


def code_in(answer: httpx.Response) -> str:
    """The one-time code in the address that an application is sent to."""
    assert answer.status_code == 303, answer.text
    return parse_qs(urlsplit(answer.headers["location"]).query)["code"][0]


@pytest_asyncio.fixture
async def federation(world: World, name_server: tuple[str, Names]) -> AsyncIterator[Federation]:
    address, names = name_server
    runtime = world.runtime
    before = runtime.settings
    runtime.settings = msgspec.structs.replace(before, outside_allowed="127.0.0.0/8", dns_servers=address)
    made = Federation(world, names)
    await made.arrange()
    yield made
    runtime.settings = before


def a_user(answer: Json) -> UUID:
    return UUID(answer["user-id"])


__all__ = ["APPLICATION", "Federation", "a_user", "at_upstream", "code_in", "email", "federation", "upstream"]
