"""Machines of organizations, for tests."""

from typing import Any
from uuid import UUID

from identity_world import Json, World, kebab, new
from testkit.client import Client

SCOPES = ["cohort:read"]


def by_key(world: World, key: str) -> Client:
    """The client of whoever bears an API key."""
    return Client(world.client.app, {"x-api-key": key})


async def made_key(world: World, user_id: UUID, organization_id: UUID, **fields: Any) -> Json:
    """A key that a person made: its resource, `key` among the attributes."""
    body = {"name": "Nightly", "scopes": SCOPES, "organization_id": str(organization_id)} | fields
    caller = world.client.as_(user_id=user_id)
    answer = await caller.post("/v1/api-keys/", json=new("api-keys", kebab(body)))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def made_account(world: World, admin: UUID, organization_id: UUID, **fields: Any) -> Json:
    """A service account that an administrator made."""
    body = {"name": "Importer", "organization_id": str(organization_id)} | fields
    caller = world.client.as_(user_id=admin)
    answer = await caller.post("/v1/service-accounts/", json=new("service-accounts", kebab(body)))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]


async def who(client: Client) -> Json | int:
    """Whom a credential stands for, or the status that refuses it, a second after whatever happened."""
    client.app.state.runtime.api_keys.kept.clear()
    answer = await client.post("/v1/authenticate/", json={"edge-request": True})
    return answer.json()["data"] if answer.status_code == 201 else answer.status_code
