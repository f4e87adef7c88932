from datetime import timedelta
from uuid import uuid4

import pytest
from contracts.orgs import OrganizationCodeCreated, OrganizationCodeUpdated
from kernel import now, rfc3339
from orgs_world import World, change, new, ok, parameters, pointers, refused
from testkit.races import race

SCHEMA = {"type": "object", "properties": {"height": {"type": "number", "minimum": 0}}, "required": ["height"]}


async def make(world: World, organization, client=None, **attributes):
    body = new("organization-codes", organization_id=organization, **attributes)
    return await (client or world.operator).post("/v1/organization-codes/", json=body)


async def test_a_code_and_its_public_face(world: World, outbox) -> None:
    organization = await world.organization("Harbour Clinic", display_name="Harbour")
    group = await world.group(organization, name="Newcomers")
    expires = rfc3339(now() + timedelta(days=1))
    answer = await make(
        world, organization, id="HARBOUR-1", individual_group_id=group, enrollment_schema=SCHEMA, expires_at=expires
    )
    made = ok(answer, 201)["data"]
    assert made["id"] == "HARBOUR-1"
    assert made["attributes"]["individual-group"] == {"id": str(group), "name": "Newcomers"}
    assert made["attributes"]["organization"]["display-name"] == "Harbour"
    assert made["attributes"]["sign-up-requests-count"] == 0
    assert (await outbox())[-1] == OrganizationCodeCreated(code="HARBOUR-1", organization_id=organization)
    info = ok(await world.client.get("/v1/organization-code-info/HARBOUR-1/"))["data"]
    assert info["attributes"] == {
        "organization": {"name": "Harbour Clinic", "display-name": "Harbour", "logo-url": None},
        "enrollment-schema": SCHEMA,
    }
    assert refused(await make(world, await world.organization(), id="HARBOUR-1"), 409)


async def test_codes_are_made_up(world: World) -> None:
    organization = await world.organization()
    codes = {ok(await make(world, organization), 201)["data"]["id"] for _ in range(5)}
    assert len(codes) == 5
    assert all(len(code) == 8 for code in codes)


async def test_codes_that_cannot_be_used_are_unknown(world: World) -> None:
    organization = await world.organization()
    code = ok(await make(world, organization), 201)["data"]["id"]
    path = f"/v1/organization-code-info/{code}/"
    ok(await world.client.get(path))
    past = change("organization-codes", code, expires_at="2020-01-01T00:00:00Z")
    ok(await world.operator.patch(f"/v1/organization-codes/{code}/", json=past))
    refused(await world.client.get(path), 404)
    refused(await world.client.get("/v1/organization-code-info/NEVER-MADE/"), 404)
    again = change("organization-codes", code, expires_at=None)
    ok(await world.operator.patch(f"/v1/organization-codes/{code}/", json=again))
    ok(await world.client.get(path))
    off = change("organizations", organization, is_active=False)
    ok(await world.operator.patch(f"/v1/organizations/{organization}/", json=off))
    refused(await world.client.get(path), 404)


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"id": "a b"}, "/id"),
        ({"id": "ab"}, "/id"),
        ({"id": "../../x"}, "/id"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires-at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "/expires-at"),
        ({"enrollment_schema": {"type": "thing"}}, "/enrollment-schema/type"),
        ({"enrollment_schema": {"$ref": "https://elsewhere.example/x.json"}}, "/enrollment-schema/$ref"),
        ({"enrollment_schema": {"description": "x" * 70_000}}, "/enrollment-schema"),
        ({"enrollment_schema": []}, "/enrollment-schema"),
        ({"sign_up_requests_count": 4}, "/sign-up-requests-count"),
    ],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    answer = await make(world, await world.organization(), **attributes)
    assert pointers(answer, 400) == {f"/data/attributes{pointer}"}


async def test_too_deep_a_schema(world: World) -> None:
    schema: dict = {}
    for _ in range(40):
        schema = {"not": schema}
    answer = await make(world, await world.organization(), enrollment_schema=schema)
    assert pointers(answer, 400) == {"/data/attributes/enrollment-schema" + "/not" * 33}


async def test_groups_of_others_and_groups_without_individuals(world: World) -> None:
    organization = await world.organization()
    foreign = await world.group(await world.organization())
    where = {"/data/attributes/individual-group-id"}
    assert pointers(await make(world, organization, individual_group_id=foreign), 404) == where
    assert pointers(await make(world, organization, individual_group_id=uuid4()), 404) == where
    staff_only = await world.group(organization, type="provider_only")
    assert pointers(await make(world, organization, individual_group_id=staff_only), 400) == where
    code = ok(await make(world, organization), 201)["data"]["id"]
    body = change("organization-codes", code, individual_group_id=foreign)
    assert pointers(await world.operator.patch(f"/v1/organization-codes/{code}/", json=body), 404) == where


async def test_changing_one(world: World, outbox) -> None:
    organization = await world.organization()
    code = ok(await make(world, organization), 201)["data"]["id"]
    group = await world.group(organization, name="G")
    body = change("organization-codes", code, individual_group_id=group, enrollment_schema=SCHEMA, auto_confirm=True)
    changed = ok(await world.operator.patch(f"/v1/organization-codes/{code}/", json=body))["data"]["attributes"]
    assert changed["individual-group"]["name"] == "G"
    assert (changed["enrollment-schema"], changed["auto-confirm"]) == (SCHEMA, True)
    assert (await outbox())[-1] == OrganizationCodeUpdated(code=code, organization_id=organization)
    body = change("organization-codes", code, individual_group_id=None, enrollment_schema=None)
    changed = ok(await world.operator.patch(f"/v1/organization-codes/{code}/", json=body))["data"]["attributes"]
    assert (changed["individual-group"], changed["enrollment-schema"]) == (None, None)


async def test_who_sees_and_changes_them(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    code = ok(await make(world, organization), 201)["data"]["id"]
    member = world.as_(await world.staff(organization))
    stranger = world.as_(await world.staff(other, "org.admin"))
    path = f"/v1/organization-codes/{code}/"
    assert [row["id"] for row in ok(await member.get("/v1/organization-codes/"))["data"]] == [code]
    assert ok(await stranger.get(f"/v1/organization-codes/?organization-id={organization}"))["data"] == []
    ok(await member.get(path))
    refused(await stranger.get(path), 404)
    refused(await member.patch(path, json=change("organization-codes", code)), 403)
    refused(await stranger.patch(path, json=change("organization-codes", code)), 404)
    refused(await make(world, organization, member), 403)
    assert pointers(await make(world, organization, stranger), 404) == {"/data/attributes/organization-id"}
    refused(await member.get(f"{path}users/"), 403)
    refused(await stranger.get(f"{path}users/"), 404)
    answer = await world.operator.get(f"{path}users/?state=asleep")
    assert parameters(answer, 400) == {"state"}


async def test_one_code_is_made_once(live_world: World) -> None:
    organization = await live_world.organization()
    name = f"RACE-{organization}"

    async def attempt(_: int) -> int:
        return (await make(live_world, organization, id=name)).status_code

    assert sorted(await race(attempt)) == [201] + [409] * 15
