"""POST /access/v1/evaluation and evaluations, against the cases of the certification scenario of AuthZEN 1.0."""

import pytest
from contracts.authz import AccessGrantCreated
from kernel import uuid7

ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"


def question(user, thing, operation="read", kind="group", **more):
    return {
        "subject": {"type": "user", "id": str(user)},
        "action": {"name": operation},
        "resource": {"type": kind, "id": str(thing)},
        **more,
    }


def grant(user, condition, operation="write", thing="record-1"):
    return AccessGrantCreated(
        access_grant_id=uuid7(),
        subject_type="user",
        subject_id=user,
        resource_type="app.record",
        resource_id=thing,
        operation=operation,
        condition=condition,
    )


async def test_decisions(client, clinic):
    caller = client.as_service("artifacts")
    for asked, decision in [
        (question(clinic.leader, clinic.room), True),
        (question(str(clinic.leader).upper(), str(clinic.room).upper()), True),
        (question(clinic.stranger, clinic.room), False),
        (question(clinic.disabled, clinic.room), False),
        (question(clinic.leader, clinic.room, "paint"), False),
        (question(clinic.leader, "room-1"), False),
        (question("alice", clinic.room), False),
        (question(clinic.leader, "x", kind="spaceship"), False),
        (question(clinic.leader, "", kind="group"), False),
        (question(clinic.operator, "admin", "anything", kind="system"), True),
        (question(clinic.patient, clinic.top, "contain"), True),
        (question(clinic.leader, clinic.room) | {"subject": {"type": "robot", "id": str(clinic.leader)}}, False),
        (question(clinic.leader, clinic.room, foo="bar", context={"time": "2025-06-27T18:03-07:00"}), True),
    ]:
        answer = await caller.post(ONE, json=asked)
        assert (answer.status_code, answer.json()) == (200, {"decision": decision}), asked
        assert answer.headers["content-type"] == "application/json"
        assert "x-authz-revision" in answer.headers


async def test_properties_are_evaluated(client, clinic, index):
    """The eight decisions of the certification's fixture, by grants with conditions."""
    alice, bob, robot = clinic.leader, clinic.member, clinic.patient
    active = "!('status' in resource.properties) || resource.properties.status != 'archived'"
    admin = "subject.properties.role == 'admin' && resource.properties.status == 'archived'"
    index(
        *(grant(user, None, "read") for user in (alice, bob)),
        *(grant(alice, active, thing=thing) for thing in ("record-1", "record-2")),
        grant(bob, admin, thing="record-2"),
        grant(alice, "action.properties.soft == true", "delete"),
    )
    archived, role = {"status": "archived"}, {"role": "admin"}
    for user, operation, thing, properties, decision in [
        (alice, "read", "record-1", ({}, {}, {}), True),
        (alice, "write", "record-1", ({}, {}, {}), True),
        (bob, "read", "record-1", ({}, {}, {}), True),
        (bob, "write", "record-1", ({}, {}, {}), False),
        (alice, "write", "record-2", ({}, {}, archived), False),
        (bob, "write", "record-2", (role, {}, archived), True),
        (alice, "delete", "record-1", ({}, {"soft": True}, {}), True),
        (alice, "delete", "record-1", ({}, {"soft": False}, {}), False),
        (robot, "read", "record-1", (role, {}, {}), False),
    ]:
        asked = question(user, thing, operation, "app.record")
        for entity, given in zip(("subject", "action", "resource"), properties, strict=True):
            asked[entity]["properties"] = given
        answer = await client.as_service("artifacts").post(ONE, json=asked)
        assert answer.json() == {"decision": decision}, asked


async def test_what_is_malformed(client, clinic):
    caller = client.as_service("artifacts")
    good = question(clinic.leader, clinic.room)
    for wrong in (
        *({name: value for name, value in good.items() if name != missing} for missing in good),
        good | {"subject": {"id": "a"}},
        good | {"subject": {"type": "user"}},
        good | {"action": {}},
        good | {"resource": {"id": "a"}},
        good | {"resource": {"type": "group"}},
        good | {"subject": "alice"},
        good | {"action": {"name": 123}},
        good | {"context": []},
        good | {"context": {"text": "x" * 5000}},
        [],
        None,
    ):
        for url in (ONE, MANY):
            answer = await caller.post(url, json=wrong)
            assert answer.status_code == 400, (url, wrong)
            assert answer.json()["errors"][0]["detail"]


@pytest.mark.parametrize("url", [ONE, MANY, "/access/v1/search/subject"])
@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", "application/json"), (b"{", "application/json"), (b"{}", "text/plain"), (b"", ""), (b"\xff", "text/plain")],
)
async def test_bodies_that_are_no_json(client, clinic, url, content, kind):
    caller = client.as_service("artifacts")
    answer = await caller.post(url, content=content, headers={"content-type": kind} if kind else {})
    assert answer.status_code == 400


async def test_a_body_of_another_type(client, clinic):
    good = str(question(clinic.leader, clinic.room)).replace("'", '"').encode()
    caller = client.as_service("artifacts")
    for kind, status in [("text/plain", 400), ("application/json; charset=utf-8", 200), ("application/xml", 400)]:
        assert (await caller.post(ONE, content=good, headers={"content-type": kind})).status_code == status


async def test_the_request_id_is_echoed(client, clinic):
    caller = client.as_service("artifacts")
    answer = await caller.post(ONE, json=question(clinic.leader, clinic.room), headers={"x-request-id": "abc"})
    assert answer.headers["x-request-id"] == "abc"


def batch(*evaluations, semantic=None, **top):
    options = {"options": {"evaluations_semantic": semantic}} if semantic else {}
    return {**top, "evaluations": list(evaluations), **options}


async def test_batches(client, clinic):
    caller = client.as_service("artifacts")
    yes, no = question(clinic.leader, clinic.room), question(clinic.stranger, clinic.room)
    for asked, decisions in [
        (batch(yes, no), [True, False]),
        (batch({}, {"subject": no["subject"]}, **yes), [True, False]),
        (batch({"action": {"name": "paint"}}, {"resource": no["resource"]}, **yes), [False, True]),
        (batch(no, yes, no, semantic="permit_on_first_permit"), [False, True]),
        (batch(yes, no, yes, semantic="deny_on_first_deny"), [True, False]),
        (batch(yes, yes, semantic="deny_on_first_deny"), [True, True]),
        (batch(yes, no, yes, semantic="execute_all"), [True, False, True]),
    ]:
        answer = await caller.post(MANY, json=asked)
        assert answer.status_code == 200
        assert [one["decision"] for one in answer.json()["evaluations"]] == decisions, asked
        assert "decision" not in answer.json()


async def test_a_part_of_an_entity_is_not_taken_from_the_top(client, clinic):
    top = question(clinic.leader, clinic.room)
    part = {"resource": {"id": str(clinic.room)}}
    answer = (await client.as_service("artifacts").post(MANY, json=batch({}, part, **top))).json()
    assert [one["decision"] for one in answer["evaluations"]] == [True, False]
    assert answer["evaluations"][1]["context"]["error"]["status"] == 400


async def test_a_malformed_question_in_a_batch_is_denied(client, clinic):
    yes = question(clinic.leader, clinic.room)
    large = yes | {"context": {"text": "x" * 5000}}
    answer = await client.as_service("artifacts").post(MANY, json=batch(yes, {}, {"subject": "x"}, large, yes))
    assert answer.status_code == 200
    found = answer.json()["evaluations"]
    assert [one["decision"] for one in found] == [True, False, False, False, True]
    assert all(one["context"]["error"]["message"] for one in found[1:4])
    assert "context" not in found[0]


async def test_a_batch_without_questions_is_one(client, clinic):
    caller, yes = client.as_service("artifacts"), question(clinic.leader, clinic.room)
    for asked in (yes, yes | {"evaluations": []}):
        assert (await caller.post(MANY, json=asked)).json() == {"decision": True}


async def test_limits_and_options(client, clinic):
    caller, yes = client.as_service("artifacts"), question(clinic.leader, clinic.room)
    assert (await caller.post(MANY, json=batch(*[{}] * 10_000, **yes))).status_code == 200
    assert (await caller.post(MANY, json=batch(*[{}] * 10_001, **yes))).status_code == 400
    assert (await caller.post(MANY, json=batch(yes, semantic="perhaps"))).status_code == 400


async def test_who_may_ask(client, clinic):
    yes = question(clinic.leader, clinic.room)
    for caller, status in [
        (client.as_(user_id=clinic.leader), 200),
        (client.as_(user_id=clinic.admin), 200),
        (client.as_(user_id=clinic.stranger), 403),
        (client.as_(roles=("system.support",)), 200),
    ]:
        assert (await caller.post(ONE, json=yes)).status_code == status
        assert (await caller.post(MANY, json=batch(yes))).status_code == status
