"""What tests of orgs are about: organizations, people and groups, made through HTTP; and a stand-in of identity."""

from typing import Any
from uuid import UUID, uuid4

import httpx
from aiohttp import web
from contracts.permissions import ROLE_IDS
from testkit.client import Client

Json = dict[str, Any]


class Neighbours:
    """identity and authz, as far as this service asks them."""

    def __init__(self) -> None:
        self.users: dict[UUID, Json] = {}
        self.roles: list[Json] = []
        self.asked: list[str] = []
        self.allowed: set[tuple[UUID, str]] = set()

    def user(self, user_id: UUID | None = None, **attributes: Any) -> UUID:
        """A user of identity."""
        user_id = user_id or uuid4()
        described = {name.replace("_", "-"): value for name, value in attributes.items()}
        known = {"username": f"u-{user_id}", "email": f"{user_id}@example.org", "enabled": True, "state": "confirmed"}
        self.users[user_id] = self.users.get(user_id, known) | described
        return user_id

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/v1/users/{id}/", self._read)
        made.router.add_get("/v1/users/", self._list)
        made.router.add_get("/v1/roles/", self._roles)
        made.router.add_post("/v1/internal-auth", self._token)
        made.router.add_post("/v1/bulk-authz-resource-access", self._decide)
        return made

    async def _read(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        user_id = UUID(request.match_info["id"])
        if user_id not in self.users:
            return web.json_response({"errors": []}, status=404)
        return web.json_response({"data": self._resource(user_id), "meta": {}})

    async def _list(self, request: web.Request) -> web.Response:
        email = request.query["filter[email]"].lower()
        shown = request.query.get("filter[email-verified]") == "true"
        found = [
            self._resource(user)
            for user, known in self.users.items()
            if known["email"].lower() == email and (known.get("email-verified", True) or not shown)
        ]
        return web.json_response({"data": found, "meta": {}})

    async def _roles(self, _: web.Request) -> web.Response:
        return web.json_response({"data": self.roles, "meta": {}})

    async def _decide(self, request: web.Request) -> web.Response:
        asked = (await request.json())["multi-user-ids"]
        assert asked["individually"]
        decided = [
            {"user-id": user, "access-query": [query], "allow": (UUID(user), query) in self.allowed}
            for user in asked["user-ids"]
            for query in asked["access-query"]
        ]
        return web.json_response({"access-queries": decided}, status=201)

    async def _token(self, _: web.Request) -> web.Response:
        return web.json_response({"access-token": "internal", "expires-in": 600}, status=201)

    def _resource(self, user_id: UUID) -> Json:
        return {"id": str(user_id), "type": "users", "attributes": self.users[user_id]}


class World:
    """Makes things the way a client does. Everything raises AssertionError with the answer when it is refused."""

    def __init__(self, client: Client, neighbours: Neighbours) -> None:
        self.client = client
        self.neighbours = neighbours
        self.operator_id = neighbours.user()
        self.operator = client.as_operator(self.operator_id)

    def as_(self, user_id: UUID, **claims: Any) -> Client:
        return self.client.as_(user_id=user_id, **claims)

    async def organization(self, name: str = "Harbour Clinic", **attributes: Any) -> UUID:
        """An organization whose administrator is the operator."""
        made = await self.operator.post("/v1/organizations/", json=new("organizations", name=name, **attributes))
        return UUID(ok(made, 201)["data"]["id"])

    async def staff(self, organization: UUID, role: str | None = None, **attributes: Any) -> UUID:
        """Somebody of the organization's staff."""
        user = self.neighbours.user(**attributes)
        body = new("organizations", user_id=str(user))
        if role:
            body["data"]["attributes"]["role-id"] = str(ROLE_IDS[role])
        ok(await self.operator.post(f"/v1/organizations/{organization}/add-user/", json=body), 201)
        return user

    async def individual(self, organization: UUID, **attributes: Any) -> UUID:
        """An individual that the organization owns."""
        body = new("individuals", owner_id=str(organization), **attributes)
        return UUID(ok(await self.operator.post("/v1/individuals/", json=body), 201)["data"]["id"])

    async def group(self, organization: UUID, parent: UUID | None = None, **attributes: Any) -> UUID:
        """A group, at the root or below `parent`."""
        described = {"name": "A group"} | attributes
        body = new("individual-groups", organization_id=str(organization), **described)
        if parent:
            body["data"]["attributes"]["parent-group-id"] = str(parent)
        return UUID(ok(await self.operator.post("/v1/individual-groups/", json=body), 201)["data"]["id"])

    async def act(self, group: UUID, action: str, client: Client | None = None, **body: Any) -> httpx.Response:
        """`await act(group, "add-members", user_ids=[…])`."""
        plain = {name.replace("_", "-"): texts(value) for name, value in body.items()}
        return await (client or self.operator).post(f"/v1/individual-groups/{group}/{action}/", json=plain)

    async def read_group(self, group: UUID, client: Client | None = None, **parameters: Any) -> Json:
        query = {name.replace("_", "-"): str(value).lower() for name, value in parameters.items()}
        answer = await (client or self.operator).get(f"/v1/individual-groups/{group}/", params=query)
        return ok(answer)["data"]["attributes"]

    async def kept(self, organization: UUID) -> dict[str, UUID]:
        """The groups that the platform keeps, by type."""
        query = f"organization-id={organization}&type=all_participants&type=unassigned"
        found = ok(await self.operator.get(f"/v2/individual-groups/?{query}"))["data"]
        return {group["attributes"]["type"]: UUID(group["id"]) for group in found}

    async def people_of(self, group: UUID) -> set[UUID]:
        answer = await self.operator.get(
            f"/v1/individual-group-individuals/?individual-group-id={group}&page[limit]=1000"
        )
        return {UUID(row["id"]) for row in ok(answer)["data"]}


def new(kind: str, /, **attributes: Any) -> Json:
    """A document of a resource to be made."""
    return {"data": {"type": kind, "attributes": {k.replace("_", "-"): texts(v) for k, v in attributes.items()}}}


def change(kind: str, identifier: UUID | str, **attributes: Any) -> Json:
    """A document of a resource to be changed."""
    document = new(kind, **attributes)
    document["data"]["id"] = str(identifier)
    return document


def texts(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    return [texts(item) for item in value] if isinstance(value, list | tuple | set) else value


def ok(answer: httpx.Response, status: int = 200) -> Any:
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def refused(answer: httpx.Response, status: int) -> list[Json]:
    """The errors of an answer that has this status."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    return answer.json()["errors"]


def pointers(answer: httpx.Response, status: int) -> set[str]:
    return {error.get("source", {}).get("pointer", "") for error in refused(answer, status)}


def parameters(answer: httpx.Response, status: int) -> set[str]:
    return {error.get("source", {}).get("parameter", "") for error in refused(answer, status)}


def ids(answer: httpx.Response) -> list[UUID]:
    return [UUID(row["id"]) for row in ok(answer)["data"]]
