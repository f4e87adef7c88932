"""The steps that journeys are made of."""

import asyncio
import re
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar

import httpx

PASSWORD = "a-long-and-quiet-road-%s"
WAIT_SECONDS = 60.0
"""No claim about how fast anything is: only an end for a journey that would never go on."""
CODE = re.compile(r"^\s*([A-Z0-9]{6,8})\s*$", re.MULTILINE)

Found = TypeVar("Found")


class Gateway:
    """Somebody at the gateway."""

    last: ClassVar[str] = "nothing was asked"

    def __init__(self, http: httpx.AsyncClient, console: str, tokens: dict[str, Any] | None = None) -> None:
        self.http = http
        self.console = console
        self.tokens = tokens or {}

    @property
    def user_id(self) -> str:
        return self.tokens["user-id"]

    async def call(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """One call; an outdated token is refreshed once, as a client would."""
        answer = await self.raw(method, path, json, **headers)
        if answer.status_code == 401 and "token-outdated" in answer.text:
            fresh = await self.raw("POST", "/v1/refresh-token/", {"refresh-token": self.tokens["refresh-token"]})
            assert fresh.status_code == 201, fresh.text
            self.tokens = {**self.tokens, **fresh.json()}
            answer = await self.raw(method, path, json, **headers)
        return answer

    async def raw(self, method: str, path: str, json: Any = None, **headers: str) -> httpx.Response:
        """One call, as it is."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if "access-token" in self.tokens:
            sent.setdefault("authorization", f"Bearer {self.tokens['access-token']}")
        answer = await self.http.request(method, path, json=json, headers=sent)
        Gateway.last = f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer

    async def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """A read that must answer `status`."""
        answer = await self.call("GET", path, **headers)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def post(self, path: str, json: Any, status: int = 201, **headers: str) -> Any:
        """A write that must answer `status`."""
        answer = await self.call("POST", path, json, **headers)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    async def sign_in(self, username: str, password: str) -> "Gateway":
        """Another somebody: the one who signed in."""
        tokens = await self.post("/v1/login/", {"username": username, "password": password})
        return Gateway(self.http, self.console, tokens)

    async def mailed_code(self, address: str, *, after: int = 0) -> str:
        """The code of the newest mail to an address; `after` says how many mails to pass over."""

        async def found() -> str | None:
            answer = await self.http.get(f"{self.console}/mail.json", params={"to": address})
            codes = [match[1] for mail in answer.json() if (match := CODE.search(mail["text"]))]
            return codes[0] if len(codes) > after else None

        return await until(found)


def document(kind: str, attributes: dict[str, Any], identifier: str | None = None) -> dict[str, Any]:
    """A JSON:API document."""
    return {"data": {"type": kind, "attributes": attributes} | ({"id": identifier} if identifier else {})}


def unique(prefix: str) -> str:
    """A name that nobody has used."""
    return f"{prefix}-{secrets.token_hex(4)}"


async def until(question: Callable[[], Awaitable[Found | None]], within: float = WAIT_SECONDS) -> Found:
    """Ask until there is an answer."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if (found := await question()) is not None:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"no answer within {within} s; the last call was {Gateway.last}")


async def new_organization(operator: Gateway) -> str:
    """An organization with the operator as its administrator."""
    attributes = {"name": unique("org"), "display-name": "A place", "provider-type": "coach", "timezone": "UTC"}
    made = await operator.post(
        "/v1/organizations/", document("organizations", attributes | {"classification": "customer_test"})
    )
    return made["data"]["id"]


async def new_staff(operator: Gateway, organization_id: str, role_id: str | None = None) -> Gateway:
    """A member of staff, signed in for the organization."""
    email = f"{unique('staff')}@place.example"
    attributes = {
        "username": email,
        "email": email,
        "first-name": "Ada",
        "last-name": "Byron",
        "password": PASSWORD % email,
    }
    user = await operator.post("/v1/users/", document("users", attributes))
    member = {"user-id": user["data"]["id"]} | ({"role-id": role_id} if role_id else {})
    await operator.post(f"/v1/organizations/{organization_id}/add-user/", document("organizations", member))
    person = await operator.sign_in(email, PASSWORD % email)
    return await switched(person, organization_id)


async def switched(person: Gateway, organization_id: str) -> Gateway:
    """The person acting in the organization, once identity knows of their membership."""

    async def tried() -> Gateway | None:
        body = {"organization-id": organization_id, "set-default": False}
        answer = await person.call("POST", f"/v1/users/{person.user_id}/switch-organization/", body)
        return Gateway(person.http, person.console, {**person.tokens, **answer.json()}) if answer.is_success else None

    return await until(tried)


async def new_code(operator: Gateway, organization_id: str, **attributes: Any) -> str:
    """A sign-up code of the organization."""
    body = document("organization-codes", {"id": unique("code"), "organization-id": organization_id} | attributes)
    return (await operator.post("/v1/organization-codes/", body))["data"]["id"]


async def new_patient(gateway: Gateway, code: str) -> Gateway:
    """Somebody who signed up with a code, confirmed it by mail and signed in."""
    email = f"{unique('patient')}@mail.example"
    body = {
        "username": email,
        "email": email,
        "password": PASSWORD % email,
        "first-name": "Rosa",
        "last-name": "Delgado",
        "organization-code": code,
        "source": "email",
    }
    await gateway.post("/v1/sign-up/", body)
    confirmation = await gateway.mailed_code(email)
    await gateway.post("/v1/confirm-sign-up/", {"username": email, "confirmation-code": confirmation})
    return await gateway.sign_in(email, PASSWORD % email)
