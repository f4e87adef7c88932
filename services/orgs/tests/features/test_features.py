from uuid import uuid4

import pytest
from contracts.orgs import (
    FeatureCreated,
    FeatureDeleted,
    FeatureOrganizationChanged,
    FeatureUpdated,
    FeatureUsersChanged,
)
from features_world import PATH, add, evaluate, make, names, of_organization, of_user, remove
from orgs_world import World, change, new, ok, parameters, pointers, refused
from testkit.races import race


async def test_from_the_first_to_the_last(world: World, outbox) -> None:
    body = new("features", id="video:calls-2.0", description="Calls", assignable=True)
    made = ok(await world.operator.post(PATH, json=body), 201)["data"]
    assert made["id"] == "video:calls-2.0"
    attributes = made["attributes"]
    assert (attributes["stage"], attributes["global-enabled"], attributes["assignable"]) == ("alpha", False, True)
    assert refused(await world.operator.post(PATH, json=body), 409)
    one = f"{PATH}video:calls-2.0/"
    changed = change("features", "video:calls-2.0", stage="ga", global_enabled=True)
    answer = ok(await world.operator.patch(one, json=changed))["data"]["attributes"]
    assert (answer["stage"], answer["global-enabled"], answer["description"]) == ("ga", True, "Calls")
    ok(await world.operator.patch(one, json=changed))
    ok(await world.operator.delete(one), 204)
    refused(await world.operator.get(one), 404)
    name = {"feature_id": "video:calls-2.0"}
    assert await outbox() == [
        FeatureCreated(**name, stage="alpha", global_enabled=False, assignable=True),
        FeatureUpdated(**name, stage="ga", global_enabled=True, assignable=True),
        FeatureDeleted(**name),
    ]


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"id": ""}, "/id"),
        ({"id": "a b"}, "/id"),
        ({"id": "../x"}, "/id"),
        ({"id": "x" * 128}, "/id"),
        ({"stage": "gamma"}, "/stage"),
        ({"global_enabled": "yes"}, "/global-enabled"),
        ({"description": "x" * 2001}, "/description"),
        ({"owner": "x"}, "/owner"),
    ],
    ids=["empty", "blank", "path", "long", "stage", "text", "wordy", "unknown"],
)
async def test_bad_input_is_named(world: World, attributes, pointer) -> None:
    answer = await world.operator.post(PATH, json=new("features", **({"id": "bad"} | attributes)))
    assert pointers(answer, 400) == {f"/data/attributes{pointer}"}


async def test_a_users_own_state_goes_before_the_organizations_and_that_before_the_global_one(world: World) -> None:
    """Every combination of four settings against the rule written down anew."""
    organization = await world.organization()
    user = await world.staff(organization)
    states = (None, "dontcare", "disabled", "enabled")
    expected, number = set(), 0
    for glob in (False, True):
        for theirs in states:
            for everywhere in states:
                for here in states:
                    name = f"f-{number:03}"
                    number += 1
                    await make(world, name, global_enabled=glob, assignable=True)
                    if theirs:
                        await of_organization(world, name, organization, theirs)
                    if everywhere:
                        await of_user(world, name, user, None, everywhere)
                    if here:
                        await of_user(world, name, user, organization, here)
                    decided = [state for state in (here, everywhere, theirs) if state not in (None, "dontcare")]
                    if decided[0] == "enabled" if decided else glob:
                        expected.add(name)
    assert await evaluate(world.as_(user), user=user) == expected
    assert await evaluate(world.operator, user=user, organization=organization) == expected
    assert expected
    assert len(expected) < number


async def test_what_is_on_for_whom(world: World) -> None:
    first, second = await world.organization(), await world.organization()
    user = await world.staff(first)
    for name in ("a", "b", "c"):
        await make(world, name, assignable=True, global_enabled=name == "c")
    body = new("organizations", user_id=user)
    ok(await world.operator.post(f"/v1/organizations/{second}/add-user/", json=body), 201)
    await of_organization(world, "a", first)
    await of_organization(world, "b", second)
    await of_organization(world, "c", second, "disabled")
    asker = world.as_(user)
    assert await evaluate(asker, user=user) == {"a", "b", "c"}
    assert await evaluate(asker, user=user, organization=first) == {"a", "c"}
    assert await evaluate(asker, user=user, organization=second) == {"b"}
    assert await evaluate(asker, organization=second) == {"b"}
    assert await evaluate(world.client.as_service("identity"), user=uuid4()) == {"c"}
    one = await world.individual(first)
    assert await evaluate(world.operator, individual=one) == {"a", "c"}
    assert names(await asker.get(f"{PATH}?filter[assignable]=false")) == []
    assert names(await asker.get(f"{PATH}?page[limit]=1&page[offset]=1")) == ["b"]


async def test_others_are_not_asked_for(world: World) -> None:
    mine, other = await world.organization(), await world.organization()
    colleague, stranger = await world.staff(mine), await world.staff(other)
    admin, plain = world.as_(await world.staff(mine, "org.admin")), world.as_(await world.staff(mine))
    foreign = await world.individual(other)
    assert await evaluate(admin, user=colleague) == set()

    async def ask(client, status: int, **query) -> set[str]:
        found = {f"filter[{name}-id]": str(value) for name, value in query.items()}
        return parameters(await client.get(PATH, params=found), status)

    assert await ask(plain, 404, user=colleague) == {"filter[user-id]"}
    assert await ask(admin, 404, user=stranger) == {"filter[user-id]"}
    assert await ask(admin, 404, user=stranger, organization=mine) == {"filter[user-id]"}
    assert await ask(admin, 404, user=colleague, organization=other) == {"filter[organization-id]"}
    assert await ask(admin, 404, organization=other) == {"filter[organization-id]"}
    assert await ask(admin, 404, individual=foreign) == {"filter[individual-id]"}
    assert await ask(admin, 400, user=colleague, individual=foreign) == {"filter[individual-id]"}
    assert parameters(await admin.get(f"{PATH}?filter[user-id]=x"), 400) == {"filter[user-id]"}


async def test_what_is_not_assignable_changes_by_force_and_only_of_the_operators_staff(world: World) -> None:
    organization = await world.organization()
    user = await world.staff(organization)
    administrator = await world.staff(organization, "org.admin")
    admin = world.as_(administrator)
    support = world.client.as_(user_id=uuid4(), roles=("system.support",))
    await make(world, "fixed")
    places = {
        "/v1/organization-features/": new("organization-features", feature_name="fixed", organization_id=organization),
        "/v1/user-features/": new("user-features", feature_name="fixed", organization_id=organization, user_id=user),
    }
    for path, body in places.items():
        for client in (admin, support):
            assert refused(await client.post(path, json=body), 409)[0]["code"] == "not-assignable"
        body["data"]["attributes"]["force"] = True
        refused(await admin.post(path, json=body), 403)
        made = ok(await support.post(path, json=body), 201)["data"]
        one, kind = f"{path}{made['id']}/", made["type"]
        assert refused(await support.patch(one, json=change(kind, made["id"], state="disabled")), 409)
        ok(await support.patch(one, json=change(kind, made["id"], state="disabled", force=True)))
        assert ok(await admin.get(one))["data"]["attributes"]["state"] == "disabled"
        refused(await support.delete(one), 409)
        ok(await support.delete(f"{one}?force=true"), 204)
    refused(await add(support, "fixed", [user]), 409)
    ok(await add(support, "fixed", [user], force=True), 201)
    refused(await remove(support, "fixed", [user]), 409)
    ok(await remove(support, "fixed", [user], force=True), 201)


async def test_the_history_tells_who_when_from_and_to(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    user = await world.staff(organization)
    await make(world, "told", assignable=True)
    ok(await world.operator.patch(f"{PATH}told/", json=change("features", "told", stage="beta")))
    await of_organization(world, "told", organization, "disabled")
    await of_organization(world, "told", organization, "disabled")
    await of_organization(world, "told", organization, "enabled")
    await of_user(world, "told", user, None, "dontcare")
    path = f"{PATH}told/changes/"
    found = [one["attributes"] for one in ok(await world.operator.get(path))["data"]]
    seen = [(one["field"], one["before"], one["after"]) for one in found]
    assert seen[:4] == [
        ("state", None, "dontcare"),
        ("state", "disabled", "enabled"),
        ("state", None, "disabled"),
        ("stage", "alpha", "beta"),
    ]
    assert found[0]["user-id"] == str(user)
    assert found[1]["organization-id"] == str(organization)
    assert {one["changed-by"] for one in found} == {str(world.operator_id)}
    admin = world.as_(await world.staff(organization, "org.admin"))
    assert [one["attributes"]["after"] for one in ok(await admin.get(path))["data"]] == ["enabled", "disabled"]
    assert len(ok(await world.as_(user).get(path))["data"]) == 1
    assert ok(await world.as_(await world.staff(other, "org.admin")).get(path))["data"] == []
    query = {"organization-id": str(organization), "page[limit]": 1}
    assert ok(await world.operator.get(path, params=query))["meta"]["page[total]"] == 2


async def test_many_users_by_id_and_by_email(world: World, outbox) -> None:
    await make(world, "many", assignable=True)
    users = [world.neighbours.user() for _ in range(4)]
    mail = world.neighbours.user(email="by-mail@example.org")
    answer = await add(world.operator, "many", users, emails=["By-Mail@example.org"])
    assert ok(answer, 201)["data"]["id"] == "many"
    event = (await outbox())[-1]
    assert event == FeatureUsersChanged(
        feature_id="many", user_ids=tuple(sorted([*users, mail])), state="enabled", organization_id=None
    )
    count = len(await outbox())
    ok(await add(world.operator, "many", [*users, users[0]]), 201)
    assert len(await outbox()) == count
    ok(await add(world.operator, "many", users[:1], state="disabled"), 201)
    listed = ok(await world.operator.get("/v1/user-features/?filter[feature-name]=many"))["data"]
    assert len(listed) == 5
    ok(await remove(world.operator, "many", [uuid4(), *users], emails=["by-mail@example.org"]), 404)
    ok(await remove(world.operator, "many", users, emails=["by-mail@example.org"]), 201)
    assert ok(await world.operator.get("/v1/user-features/?filter[feature-name]=many"))["data"] == []


async def test_who_is_unknown_is_named_and_nothing_is_changed(world: World, outbox) -> None:
    await make(world, "named", assignable=True)
    user = world.neighbours.user()
    count = len(await outbox())
    answer = await add(world.operator, "named", [user, uuid4()], emails=["nobody@example.org"])
    assert pointers(answer, 404) == {"/user-ids/1", "/user-emails/0"}
    assert len(await outbox()) == count
    assert pointers(await add(world.operator, "named"), 400) == {"/user-ids"}
    assert pointers(await add(world.operator, "named", []), 400) == {"/user-ids"}
    assert pointers(await add(world.operator, "named", [uuid4()] * 1001), 400) == {"/user-ids"}
    assert pointers(await add(world.operator, "named", emails=["x"]), 400) == {"/user-emails/0"}
    assert pointers(await add(world.operator, "named", [user], state="on"), 400) == {"/state"}
    refused(await add(world.operator, "never-made", [user]), 404)


async def test_sixteen_who_add_the_same_people_at_once(live_world: World) -> None:
    """Each person has one state, and the history tells of each change once."""
    name = "race"
    await make(live_world, name, assignable=True)
    users = [live_world.neighbours.user() for _ in range(60)]

    async def attempt(number: int) -> int:
        some = users[number:] + users[:number]
        return (await add(live_world.operator, name, some)).status_code

    assert set(await race(attempt)) == {201}
    path = f"/v1/user-features/?filter[feature-name]={name}&page[limit]=1000"
    listed = ok(await live_world.operator.get(path))["data"]
    assert sorted(one["attributes"]["user-id"] for one in listed) == sorted(map(str, users))
    told = ok(await live_world.operator.get(f"{PATH}{name}/changes/?page[limit]=1000"))["data"]
    assert len([one for one in told if one["attributes"]["field"] == "state"]) == len(users)

    async def mixed(number: int) -> int:
        act = add if number % 2 else remove
        return (await act(live_world.operator, name, users)).status_code

    assert set(await race(mixed)) == {201}
    left = ok(await live_world.operator.get(path))["meta"]["page[total]"]
    told = ok(await live_world.operator.get(f"{PATH}{name}/changes/?page[limit]=1000&page[offset]=0"))["data"]
    changes = [one["attributes"]["after"] for one in told if one["attributes"]["field"] == "state"]
    assert left == changes.count("enabled") - changes.count(None)


async def test_states_of_organizations(world: World, outbox) -> None:
    organization, other = await world.organization("Harbour"), await world.organization()
    await make(world, "theirs", assignable=True)
    admin = world.as_(await world.staff(organization, "org.admin"))
    member = world.as_(await world.staff(organization))
    path = "/v1/organization-features/"
    body = new("organization-features", feature_name="theirs", organization_id=organization)
    made = ok(await admin.post(path, json=body), 201)["data"]
    assert made["attributes"] == {
        "feature-assignable": True,
        "feature-id": "theirs",
        "feature-name": "theirs",
        "organization-id": str(organization),
        "organization-name": "Harbour",
        "state": "enabled",
    }
    count = len(await outbox())
    assert ok(await admin.post(path, json=body), 201)["data"]["id"] == made["id"]
    assert len(await outbox()) == count
    ok(await admin.patch(f"{path}{made['id']}/", json=change("organization-features", made["id"], state="dontcare")))
    place = {"feature_id": "theirs", "organization_id": organization}
    assert (await outbox())[-1] == FeatureOrganizationChanged(**place, state="dontcare")
    foreign = await of_organization(world, "theirs", other)
    assert [one["id"] for one in ok(await member.get(path))["data"]] == [made["id"]]
    query = {"organization-id": str(other), "filter[feature-name]": "theirs"}
    assert [one["id"] for one in ok(await world.operator.get(path, params=query))["data"]] == [foreign]
    refused(await admin.get(f"{path}{foreign}/"), 404)
    refused(await admin.patch(f"{path}{foreign}/", json=change("organization-features", foreign, state="enabled")), 404)
    refused(await member.post(path, json=body), 403)
    strange = new("organization-features", feature_name="theirs", organization_id=other)
    assert pointers(await admin.post(path, json=strange), 404) == {"/data/attributes/organization-id"}
    unknown = new("organization-features", feature_name="never-made", organization_id=organization)
    assert pointers(await admin.post(path, json=unknown), 404) == {"/data/attributes/feature-name"}
    assert refused(await world.operator.delete(f"{PATH}theirs/"), 409)[0]["code"] == "in-use"
    ok(await admin.delete(f"{path}{made['id']}/"), 204)
    refused(await admin.delete(f"{path}{made['id']}/"), 404)
    assert (await outbox())[-1] == FeatureOrganizationChanged(**place, state=None)


async def test_states_of_users(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    user = await world.staff(organization, email="one@example.org")
    stranger = await world.staff(other)
    admin = world.as_(await world.staff(organization, "org.admin"))
    await make(world, "own", assignable=True)
    path = "/v1/user-features/"

    def body(**attributes):
        return new("user-features", **({"feature_name": "own", "user_id": user} | attributes))

    made = ok(await admin.post(path, json=body(organization_id=organization)), 201)["data"]
    assert made["attributes"]["user-email"] == "one@example.org"
    everywhere = await of_user(world, "own", user, None, "disabled")
    for query in ({"user-id": str(user)}, {"user-email": "ONE@example.org"}, {"filter[feature-name]": "own"}):
        listed = [one["id"] for one in ok(await world.operator.get(path, params=query))["data"]]
        assert listed == [made["id"], everywhere]
    assert [one["id"] for one in ok(await admin.get(path))["data"]] == [made["id"]]
    assert len(ok(await world.as_(user).get(path))["data"]) == 2
    assert ok(await world.as_(stranger).get(path))["data"] == []
    refused(await admin.get(f"{path}{everywhere}/"), 404)
    state = change("user-features", everywhere, state="enabled")
    refused(await admin.patch(f"{path}{everywhere}/", json=state), 404)
    refused(await world.as_(user).patch(f"{path}{everywhere}/", json=state), 403)
    assert pointers(await admin.post(path, json=body()), 403) == {"/data/attributes/organization-id"}
    answer = await admin.post(path, json=body(organization_id=organization, user_id=stranger))
    assert pointers(answer, 404) == {"/data/attributes/user-id"}
    answer = await admin.post(path, json=body(organization_id=other, user_id=stranger))
    assert pointers(answer, 404) == {"/data/attributes/organization-id"}
    answer = await world.operator.post(path, json=body(user_id=uuid4()))
    assert pointers(answer, 404) == {"/data/attributes/user-id"}
    answer = await world.operator.post(path, json=body(feature_name="never-made"))
    assert pointers(answer, 404) == {"/data/attributes/feature-name"}
    ok(await admin.delete(f"{path}{made['id']}/"), 204)
    refused(await admin.get(f"{path}{made['id']}/"), 404)
