"""Steps of the tests of features."""

from typing import Any
from uuid import UUID

import httpx
from orgs_world import World, new, ok, texts
from testkit.client import Client

PATH = "/v1/features/"


async def make(world: World, name: str, **attributes: Any) -> None:
    ok(await world.operator.post(PATH, json=new("features", id=name, **attributes)), 201)


async def of_organization(world: World, name: str, organization: UUID, state: str = "enabled") -> str:
    body = new("organization-features", feature_name=name, organization_id=organization, state=state)
    return ok(await world.operator.post("/v1/organization-features/", json=body), 201)["data"]["id"]


async def of_user(world: World, name: str, user: UUID, organization: UUID | None, state: str = "enabled") -> str:
    body = new("user-features", feature_name=name, user_id=user, state=state)
    if organization:
        body["data"]["attributes"]["organization-id"] = str(organization)
    return ok(await world.operator.post("/v1/user-features/", json=body), 201)["data"]["id"]


async def add(client: Client, name: str, users: Any = None, emails: Any = None, **options: Any) -> httpx.Response:
    return await client.post(f"{PATH}{name}/add-users/", json=_body(users, emails, options))


async def remove(client: Client, name: str, users: Any = None, emails: Any = None, **options: Any) -> httpx.Response:
    return await client.post(f"{PATH}{name}/remove-users/", json=_body(users, emails, options))


async def evaluate(client: Client, **query: UUID) -> set[str]:
    """The features that are on: `user=`, `organization=`, `individual=`."""
    found = {f"filter[{name}-id]": str(value) for name, value in query.items()}
    return set(names(await client.get(PATH, params={**found, "page[limit]": 1000})))


def names(answer: httpx.Response) -> list[str]:
    return [one["id"] for one in ok(answer)["data"]]


def _body(users: Any, emails: Any, options: dict[str, Any]) -> dict[str, Any]:
    body = dict(options)
    if users is not None:
        body["user-ids"] = texts(users)
    if emails is not None:
        body["user-emails"] = emails
    return body
