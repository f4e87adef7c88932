"""What events say of persons."""

from uuid import uuid4

import pytest
from artifacts_capturing import event


async def test_an_event_makes_its_person(project):
    body = await project.sent(event("opened", "ann", properties={"page": "/"}))
    assert body == {"status": 1}
    person = await project.person("ann")
    assert (person.properties, person.is_identified, person.names) == ({}, False, ["ann"])
    (kept,) = await project.events()
    assert (kept.event, kept.person_id, kept.properties) == ("opened", person.id, {"page": "/"})


async def test_properties_are_set_in_the_order_of_the_events(project):
    await project.sent(
        event("a", "ann", properties={"$set": {"plan": "free", "beta": True}, "$set_once": {"first": 1}}),
        event("b", "ann", **{"$set": {"plan": "pro"}, "$set_once": {"first": 2, "second": 2}}),
        event("c", "ann", properties={"$unset": ["beta", "never"]}),
    )
    assert (await project.person("ann")).properties == {"plan": "pro", "first": 1, "second": 2}
    await project.sent(event("d", "ann", **{"$set_once": {"plan": "x", "third": 3}}))
    assert (await project.person("ann")).properties == {"plan": "pro", "first": 1, "second": 2, "third": 3}


async def test_the_same_events_again_change_nothing(project):
    first = event("a", "ann", uuid=str(uuid4()), **{"$set": {"n": 1}})
    await project.sent(first)
    await project.sent(event("b", "ann", **{"$set": {"n": 2}}))
    await project.sent(first, first)
    assert (await project.person("ann")).properties == {"n": 2}
    assert [one.event for one in await project.events()] == ["a", "b"]


async def test_who_signs_in_takes_what_they_did_before_along(project):
    await project.sent(
        event("seen", "anon-1", **{"$set": {"utm": "ad", "plan": "none"}}),
        event("bought", "ann", **{"$set": {"plan": "pro"}}),
    )
    await project.sent(event("$identify", "ann", properties={"$anon_distinct_id": "anon-1", "$set": {"n": 1}}))
    person = await project.person("ann")
    assert person.names == ["ann", "anon-1"]
    assert (person.properties, person.is_identified) == ({"utm": "ad", "plan": "pro", "n": 1}, True)
    assert {one.person_id for one in await project.events()} == {person.id}


async def test_identifying_in_the_batch_that_makes_both(project):
    await project.sent(
        event("seen", "anon-1"),
        event("$identify", "ann", properties={"$anon_distinct_id": "anon-1", "$set": {"n": 1}}),
        event("seen", "anon-1", **{"$set": {"n": 2}}),
        event("$create_alias", "ann", properties={"alias": "ann@example.org"}),
        event("opened", "ann@example.org"),
    )
    person = await project.person("anon-1")
    assert person.names == ["ann", "ann@example.org", "anon-1"]
    assert (person.properties, person.is_identified) == ({"n": 2}, True)
    assert {one.person_id for one in await project.events()} == {person.id}


async def test_two_who_are_known_are_never_made_one(project):
    await project.sent(
        event("$identify", "ann", properties={"$anon_distinct_id": "anon-1"}),
        event("$identify", "bob", properties={"$anon_distinct_id": "anon-2"}),
    )
    await project.sent(
        event("$create_alias", "bob", properties={"alias": "ann"}),
        event("$identify", "bob", properties={"$anon_distinct_id": "anon-1"}),
        event("$merge_dangerously", "bob", properties={"alias": "ann"}),
        event("$identify", "carl", properties={"$anon_distinct_id": "ann"}),
    )
    assert (await project.person("ann")).names == ["ann", "anon-1"]
    assert (await project.person("bob")).names == ["anon-2", "bob"]
    assert (await project.person("carl")).names == ["carl"]


@pytest.mark.parametrize("nobody", ["undefined", "null", "anonymous", "0", "NaN"])
async def test_what_stands_for_nobody_is_merged_with_nobody(project, nobody):
    await project.sent(event("seen", nobody), event("$identify", "ann", properties={"$anon_distinct_id": nobody}))
    assert (await project.person("ann")).names == ["ann"]


async def test_events_that_ask_for_no_person_make_none_and_find_theirs_later(project):
    await project.sent(event("seen", "anon-1", properties={"$process_person_profile": False}))
    assert await project.person("anon-1") is None
    await project.sent(event("$identify", "ann", properties={"$anon_distinct_id": "anon-1"}))
    person = await project.person("ann")
    assert {one.person_id for one in await project.events()} == {person.id}


async def test_a_profiles_person_is_known_by_its_ids(world, project):
    ann = await world.person("Ann")
    await project.sent(
        event("opened", str(ann.user_id), **{"$set": {"plan": "pro", "email": "mine@elsewhere.org", "role": "admin"}}),
        event("$identify", "ann@example.org", properties={"$anon_distinct_id": "anon-1"}),
    )
    person = await project.person("anon-1")
    assert person.id == ann.id
    assert person.properties["plan"] == "pro"
    assert (person.properties["email"], person.properties["role"]) == ("ann@example.org", "member")
    await project.sent(event("x", "ann@example.org", **{"$unset": ["email", "plan"]}))
    after = (await project.person("anon-1")).properties
    assert "plan" not in after
    assert after["email"] == "ann@example.org"


async def test_whoever_was_captured_before_turns_out_to_be_the_profiles(world, project):
    await project.sent(
        event("opened", "ann@example.org", **{"$set": {"plan": "pro", "email": "x", "role": "admin"}}),
        event("opened", "unseen@example.org", properties={"$process_person_profile": False}),
    )
    cohort = await world.cohort("Spring")
    ann = await world.person("Ann")
    person = await project.person("ann@example.org")
    assert person.id == ann.id
    assert (person.properties["plan"], person.properties["role"]) == ("pro", "member")
    await world.person("Una", email="unseen@example.org")
    una = await project.person("unseen@example.org")
    assert {one.distinct_id: one.person_id for one in await project.events()} == {
        "ann@example.org": ann.id,
        "unseen@example.org": una.id,
    }
    assert cohort
