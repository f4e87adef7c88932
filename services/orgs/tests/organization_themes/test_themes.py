from uuid import UUID, uuid4

import pytest
from contracts.orgs import OrganizationUpdated, ThemeCreated, ThemeDeleted, ThemeUpdated
from orgs_world import World, change, ids, new, ok, pointers, refused
from testkit.races import race

PATH = "/v1/organization-themes/"


async def make(world: World, domain: str, **attributes) -> UUID:
    made = await world.operator.post(PATH, json=new("organization-themes", domain=domain, **attributes))
    return UUID(ok(made, 201)["data"]["id"])


async def test_from_the_first_to_the_last(world: World, outbox) -> None:
    world.neighbours.user(world.operator_id, first_name="Ana", last_name="Ruiz")
    body = new(
        "organization-themes", domain="Care.Example", support_email="help@care.example", support_email_name="Care"
    )
    made = ok(await world.operator.post(PATH, json=body), 201)["data"]
    theme, attributes = UUID(made["id"]), made["attributes"]
    assert attributes["domain"] == "care.example"
    assert (attributes["support-email"], attributes["support-email-name"]) == ("help@care.example", "Care")
    assert attributes["created-by"]["id"] == str(world.operator_id)
    changed = change("organization-themes", theme, support_email=None, domain="two.example")
    answer = ok(await world.operator.patch(f"{PATH}{theme}/", json=changed))["data"]["attributes"]
    assert (answer["domain"], answer["support-email"]) == ("two.example", None)
    ok(await world.operator.delete(f"{PATH}{theme}/"), 204)
    refused(await world.operator.get(f"{PATH}{theme}/"), 404)
    refused(await world.operator.delete(f"{PATH}{theme}/"), 404)
    kinds = [type(event) for event in await outbox()]
    assert kinds == [ThemeCreated, ThemeUpdated, ThemeDeleted]


async def test_a_domain_belongs_to_one(world: World) -> None:
    first, second = await make(world, "one.example"), await make(world, "two.example")
    answer = await world.operator.post(PATH, json=new("organization-themes", domain="ONE.example"))
    assert pointers(answer, 409) == {"/data/attributes/domain"}
    answer = await world.operator.patch(
        f"{PATH}{second}/", json=change("organization-themes", second, domain="one.example")
    )
    assert pointers(answer, 409) == {"/data/attributes/domain"}
    same = change("organization-themes", first, domain="One.Example")
    ok(await world.operator.patch(f"{PATH}{first}/", json=same))


async def test_two_who_take_a_domain_at_once(live_world: World) -> None:
    first, second = await make(live_world, "race-1.example"), await make(live_world, "race-2.example")

    async def take(number: int) -> int:
        theme = (first, second)[number]
        body = change("organization-themes", theme, domain="race.example")
        return (await live_world.operator.patch(f"{PATH}{theme}/", json=body)).status_code

    assert sorted(await race(take, 2)) == [200, 409]


async def test_organizations_that_use_one(world: World, outbox) -> None:
    organization, theme = await world.organization(), await make(world, "used.example")
    other = await make(world, "unused.example")
    use = change("organizations", organization, theme_id=theme)
    changed = ok(await world.operator.patch(f"/v1/organizations/{organization}/", json=use))
    assert changed["data"]["attributes"]["theme-id"] == str(theme)
    event = (await outbox())[-1]
    assert isinstance(event, OrganizationUpdated)
    assert event.theme_id == theme
    errors = refused(await world.operator.delete(f"{PATH}{theme}/"), 409)
    assert errors[0]["code"] == "in-use"
    member = world.as_(await world.staff(organization))
    assert ids(await member.get(PATH)) == [theme]
    shown = ok(await member.get(f"{PATH}{theme}/"))["data"]["attributes"]
    assert shown["created-by"] == {"id": str(world.operator_id), "first-name": None, "last-name": None}
    refused(await member.get(f"{PATH}{other}/"), 404)
    off = change("organization-themes", other, is_active=False)
    ok(await world.operator.patch(f"{PATH}{other}/", json=off))
    for unusable in (other, uuid4()):
        body = change("organizations", organization, theme_id=unusable)
        answer = await world.operator.patch(f"/v1/organizations/{organization}/", json=body)
        assert pointers(answer, 404) == {"/data/attributes/theme-id"}


async def test_filters(world: World) -> None:
    one = await make(world, "filter-1.example", support_email="a@filter.example")
    two = await make(world, "filter-2.example", support_email="b@filter.example")

    async def found(**query) -> list[UUID]:
        return [theme for theme in ids(await world.operator.get(PATH, params=query)) if theme in {one, two}]

    assert await found() == [one, two]
    assert await found(**{"filter[domain]": "Filter-2.example"}) == [two]
    assert await found(**{"filter[support-email]": "A@filter.example"}) == [one]
    assert await found(**{"filter[cmp-last-modified-time]": "<2020-01-01T00:00:00Z"}) == []
    ok(await world.operator.patch(f"{PATH}{one}/", json=change("organization-themes", one, is_active=False)))
    assert await found() == [two]
    assert await found(**{"filter[include-inactive]": "true"}) == [one, two]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"domain": "nothing"}, "/domain"),
        ({"domain": "a_b.example"}, "/domain"),
        ({"domain": "https://a.example"}, "/domain"),
        ({"domain": "-a.example"}, "/domain"),
        ({"domain": ("a" * 60 + ".") * 5 + "example"}, "/domain"),
        ({"support_email": "nobody"}, "/support-email"),
        ({"support_email_name": "a\r\nBcc: b"}, "/support-email-name"),
        ({"is_active": False}, "/is-active"),
    ],
    ids=["bare", "underscore", "url", "hyphen", "long", "address", "header", "unknown"],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    body = new("organization-themes", **({"domain": "bad.example"} | attributes))
    assert pointers(await world.operator.post(PATH, json=body), 400) == {f"/data/attributes{pointer}"}
