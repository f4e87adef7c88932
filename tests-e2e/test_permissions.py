"""Grants, explanations, AuthZEN, filters and the stream of changes, through the gateway."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from journeys import Gateway, document, new_organization, new_staff, switched, unique, until

SECONDS = 15


@asynccontextmanager
async def changes(who: Gateway, after: str | None = None) -> AsyncIterator[AsyncIterator[tuple[str, dict[str, Any]]]]:
    """The stream of changes, as pairs of revision and data."""
    headers = {"authorization": f"Bearer {who.tokens['access-token']}"} | ({"last-event-id": after} if after else {})

    async def read(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
        identifier = ""
        async for line in lines:
            name, _, value = line.partition(": ")
            if name == "id":
                identifier = value
            if name == "data":
                yield identifier, msgspec.json.decode(value)

    async with who.http.stream("GET", "/v1/authz-changes/", headers=headers) as answer:
        assert answer.status_code == 200
        yield read(answer.aiter_lines())


async def test_a_grant_is_seen_explained_and_taken_back(operator: Gateway) -> None:
    organization = await new_organization(operator)
    nurse = await new_staff(operator, organization)
    operator = await switched(operator, organization)
    thing = f"{organization}/charts"
    granted = {
        "organization-id": organization,
        "subject-type": "user",
        "subject-id": nurse.user_id,
        "resource-type": "app.charts",
        "resource-id": thing,
        "operation": "view",
        "condition": "context.shift == 'night'",
    }
    asked = {
        "subject": {"type": "user", "id": nurse.user_id},
        "action": {"name": "view"},
        "resource": {"type": "app.charts", "id": thing},
        "context": {"shift": "night"},
    }
    async with changes(operator) as stream, asyncio.timeout(SECONDS):
        start, _ = await anext(stream)
        made = await until_granted(operator, granted)
        revision, change = await anext(stream)
        while change["type"] != "authz.access_grant.created.v1":
            revision, change = await anext(stream)
        assert change["resources"] == [{"type": "app.charts", "id": thing}]
        fresh = {"x-authz-at-least": revision}
        assert await nurse.post("/access/v1/evaluation/", asked, 200, **fresh) == {"decision": True}
    day = asked | {"context": {"shift": "day"}}
    assert await nurse.post("/access/v1/evaluation", day, 200) == {"decision": False}
    queries = {"user-id": nurse.user_id, "access-query": [f"app.charts:{thing}:view"]}
    why = await nurse.post("/v1/authz-explanations/", queries | {"context": {"shift": "night"}})
    assert why["explanations"][0]["paths"][0][0]["grant-id"] == made
    listed = {"user-id": nurse.user_id, "access-query": ["app.charts::view"], "context": {"shift": "night"}}
    assert (await nurse.post("/v1/authz-get-accessible-resources/", listed))["resource-ids"] == [thing]
    assert (await operator.call("DELETE", f"/v1/access-grants/{made}/")).status_code == 204
    async with changes(operator, after=start) as stream, asyncio.timeout(SECONDS):
        await anext(stream)
        kinds: list[str] = []
        while "authz.access_grant.deleted.v1" not in kinds:
            kinds.append((await anext(stream))[1]["type"])
        assert kinds.index("authz.access_grant.created.v1") < kinds.index("authz.access_grant.deleted.v1")
    assert await nurse.post("/access/v1/evaluation", asked, 200) == {"decision": False}


async def until_granted(operator: Gateway, granted: dict[str, Any]) -> str:
    """The grant's id, once authz knows of the membership."""

    async def tried() -> str | None:
        answer = await operator.call("POST", "/v1/access-grants/", document("access-grants", granted))
        return answer.json()["data"]["id"] if answer.is_success else None

    return await until(tried)


async def test_individuals_are_found_by_their_attributes(operator: Gateway) -> None:
    organization = await new_organization(operator)
    name = unique("Inés")
    made = {}
    for first, born in ((name, "1990-02-28"), (name, "1991-02-28"), ("Another", "1990-02-28")):
        attributes = {"owner-id": organization, "first-name": first, "birth-date": born}
        answer = await operator.post("/v1/individuals/", document("individuals", attributes))
        made[first, born] = answer["data"]["id"]

    async def found(**filters: str) -> list[str]:
        parameters = {"user-id": operator.user_id, "operation": "write", "filter[organization-id]": organization}
        named = {f"filter[{one.replace('_', '-')}]": value for one, value in filters.items()}
        query = "&".join(f"{key}={value}" for key, value in (parameters | named).items())
        return (await operator.get(f"/v1/authz-individuals/?{query}"))["resource-ids"]

    async def becomes(wanted: list[str], **filters: str) -> None:
        async def settled() -> bool | None:
            return True if await found(**filters) == sorted(wanted) else None

        await until(settled)

    first, second = made[name, "1990-02-28"], made[name, "1991-02-28"]
    await becomes([first, second], first_name=name.upper())
    await becomes([first], first_name=name, birth_date="1990-02-28", registered="false")
    changed = document("individuals", {"first-name": "Somebody"}, first)
    assert (await operator.call("PATCH", f"/v1/individuals/{first}/", changed)).status_code == 200
    await becomes([second], first_name=name)


async def test_the_last_administrator_taken_out_on_both_sides_stays_on_one(operator: Gateway) -> None:
    organization = await new_organization(operator)
    operator = await switched(operator, organization)
    roles = await operator.get(f"/v1/roles/?organization-id={organization}")
    admin = next(one["id"] for one in roles["data"] if one["attributes"]["name"] == "org.admin")
    other = await new_staff(operator, organization, admin)

    async def administrators() -> set[str]:
        held = await operator.get(f"/v1/role-users/?role-id={admin}")
        return {one["attributes"]["user"]["id"] for one in held["data"]}

    async def both() -> bool | None:
        return True if await administrators() == {operator.user_id, other.user_id} else None

    await until(both)
    out = document("organizations", {"user-id": operator.user_id})
    down = document("roles", {"user-id": other.user_id})
    answers = await asyncio.gather(
        other.call("POST", f"/v1/organizations/{organization}/remove-user/", out),
        operator.call("POST", f"/v1/roles/{admin}/remove-user/", down),
    )
    assert {answer.status_code for answer in answers} <= {201, 401, 403, 404, 409}, [one.text for one in answers]
    await asyncio.sleep(1)
    left = await administrators()
    assert left

    async def agreed() -> bool | None:
        """orgs has in the organization whoever administers it."""
        listed = await operator.get(f"/v1/user-organizations/?organization-id={organization}")
        return True if left <= {one["attributes"]["user-id"] for one in listed["data"]} else None

    await until(agreed)
