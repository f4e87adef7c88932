"""An organization with a directory that speaks SCIM."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
from contracts.orgs import OrganizationCreated
from identity_world import World, email
from testkit.client import Client
from testkit.principals import key_token

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

Json = dict[str, Any]


class Directory:
    """What the directory of one organization does."""

    def __init__(self, client: Client, organization_id: UUID, admin: UUID) -> None:
        self.organization_id, self.admin = organization_id, admin
        token = key_token(organization_id=organization_id, scopes=("scim",), user_id=admin)
        self.client = client.with_token(token)
        self.client.headers["content-type"] = "application/scim+json"

    def url(self, path: str) -> str:
        return f"/scim/v2/{self.organization_id}/{path}"

    async def get(self, path: str, **options: Any) -> httpx.Response:
        return await self.client.get(self.url(path), **options)

    async def find(self, filter_: str, path: str = "Users") -> list[Json]:
        answer = await self.get(path, params={"filter": filter_})
        assert answer.status_code == 200, answer.text
        return answer.json().get("Resources", [])

    async def post(self, path: str, body: Any) -> httpx.Response:
        return await self.client.post(self.url(path), json=body)

    async def put(self, path: str, body: Any, **headers: str) -> httpx.Response:
        return await self.client.put(self.url(path), json=body, headers=headers)

    async def patch(self, path: str, *operations: Json, **headers: str) -> httpx.Response:
        body = {"schemas": [PATCH], "Operations": list(operations)}
        return await self.client.patch(self.url(path), json=body, headers=headers)

    async def delete(self, path: str, **headers: str) -> httpx.Response:
        return await self.client.delete(self.url(path), headers=headers)

    async def user(self, **fields: Any) -> Json:
        answer = await self.post("Users", new_user(**fields))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def group(self, name: str, *members: Json) -> Json:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one["id"]} for one in members]}
        answer = await self.post("Groups", body)
        assert answer.status_code == 201, answer.text
        return answer.json()


def new_user(**fields: Any) -> Json:
    address = email()
    name = {"givenName": "Grace", "familyName": "Hopper"}
    usual = {"userName": address, "name": name, "emails": [{"value": address, "type": "work", "primary": True}]}
    return {"schemas": [USER]} | usual | fields


async def directory(world: World) -> Directory:
    """The directory of a new organization."""
    organization_id = uuid4()
    name = f"o{organization_id.hex[:10]}"
    await world.hear(
        OrganizationCreated(organization_id=organization_id, number=1, name=name, display_name="Care & Co")
    )
    admin = await world.staff(organization_id, "org.admin")
    return Directory(world.client, organization_id, admin)


@asynccontextmanager
async def served(app: Any) -> AsyncIterator[str]:
    """An application behind a real socket, for clients that are not in this process's loop."""
    import asyncio

    import uvicorn

    server = uvicorn.Server(uvicorn.Config(app, port=0, lifespan="off", log_config=None))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
