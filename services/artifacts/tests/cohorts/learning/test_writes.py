"""Writing `/api/v1/learning/cohorts`."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from artifacts.cohorts.models import Cohort
from contracts.artifacts import CohortCreated, CohortDeleted, CohortUpdated
from contracts.orgs import GroupCreated
from kernel import now, parse_prefixed_ulid
from sqlalchemy import update
from testkit.principals import key_token

PATH = "/api/v1/learning/cohorts"
V5 = "cohorts/search"


async def send(world, method, path, body, status, caller=None):
    answer = await (caller or world.as_()).request(method, path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


async def made(world, caller=None, **fields):
    return await send(world, "POST", PATH, fields, 201, caller)


async def group(world, node_type="group", organization=None):
    identifier = uuid4()
    await world.happen(
        GroupCreated(
            group_id=identifier,
            organization_id=organization or world.organization,
            parent_id=None,
            name="G",
            node_type=node_type,
            type="regular",
        )
    )
    return f"grp-{identifier}"


async def test_a_cohort_with_everything(world, outbox):
    ina = await world.person("Ina")
    assessment = f"asm-{uuid4()}"
    fields = {
        "name": "Spring", "program_id": "prg-1", "group_id": await group(world), "source": "lms",
        "source_type": "server", "start_date": "2020-01-01T00:00:00Z", "end_date": "2999-12-31T00:00:00Z",
        "status": "planned", "session_count": 12, "facilitator_ids": [str(ina.user_id)],
        "assigned_assessment_ids": [assessment], "completion_required_pct": 80, "metadata": {"room": {"floor": 2}},
        "tags": ["blue", "new"],
    }  # fmt: skip
    body = await made(world, **fields)
    assert {name: body[name] for name in fields} == fields
    assert body["id"].startswith("coh_")
    assert (body["tenant_id"], body["version"], body["current_completion_pct"]) == (str(world.organization), 1, None)
    assert (body["is_deleted"], body["deleted_at"], body["schema_version"]) == (False, None, 1)
    assert "app_id" not in body
    assert await send(world, "GET", f"{PATH}/{body['id']}", None, 200) == body
    (event,) = [event for event in await outbox() if isinstance(event, CohortCreated)]
    assert event.cohort_id == parse_prefixed_ulid("coh", body["id"])
    found = (await world.post(V5, {}))["cohorts"]
    assert [(row["name"], row["cohort_id"]) for row in found] == [("Spring", str(event.cohort_id))]


async def test_nothing_is_required(world):
    body = await made(world)
    assert (body["name"], body["status"], body["source"], body["source_type"]) == (None, "active", "edm", "api")
    assert body["group_id"] == f"grp-{parse_prefixed_ulid('coh', body['id'])}"
    assert (body["facilitator_ids"], body["metadata"], body["tags"]) == ([], {}, [])


async def test_a_change_counts_the_version_and_null_clears(world, outbox):
    one = await made(world, name="Spring", tags=["a"], metadata={"k": 1}, program_id="p", session_count=3)
    path = f"{PATH}/{one['id']}"
    two = await send(world, "PATCH", path, {"name": "Autumn", "version": 1}, 200)
    assert (two["name"], two["version"], two["tags"], two["session_count"]) == ("Autumn", 2, ["a"], 3)
    assert two["updated_at"] > one["updated_at"]
    same = await send(world, "PATCH", path, {"name": "Autumn", "version": 2}, 200)
    assert same == two
    cleared = dict.fromkeys(("name", "tags", "metadata", "program_id", "session_count"))
    three = await send(world, "PATCH", path, cleared, 200)
    assert (three["name"], three["tags"], three["metadata"], three["program_id"]) == (None, [], {}, None)
    assert len([event for event in await outbox() if isinstance(event, CohortUpdated)]) == 2


async def test_a_document_that_was_read_can_be_written_again(world):
    one = await made(world, name="Spring", start_date="2020-01-01T00:00:00Z")
    again = await send(world, "PATCH", f"{PATH}/{one['id']}", one, 200)
    assert again == one


async def test_another_version_is_a_conflict(world):
    one = await made(world, name="Spring")
    await send(world, "PATCH", f"{PATH}/{one['id']}", {"name": "A", "version": 1}, 200)
    answer = await send(world, "PATCH", f"{PATH}/{one['id']}", {"name": "B", "version": 1}, 409)
    assert (answer["code"], answer["current_version"]) == ("version-conflict", 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", "coh_01ARZ3NDEKTSV4RRFFQ69G5FAV"),
        ("tenant_id", "me"),
        ("app_id", "app"),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("created_by", "me"),
        ("updated_at", None),
        ("updated_by", "x"),
        ("is_deleted", True),
        ("deleted_at", "2020-01-01T00:00:00Z"),
        ("deleted_by", "x"),
        ("schema_version", 9),
        ("current_completion_pct", 50),
    ],
)
async def test_what_the_server_stamps_cannot_be_written(world, field, value):
    one = await made(world, name="Spring")
    answer = await send(world, "PATCH", f"{PATH}/{one['id']}", {field: value, "name": "Other"}, 400)
    assert answer["errors"] == [
        {"detail": "The server sets this; it cannot be written.", "pointer": field},
    ]
    if value is not None:
        assert (await send(world, "POST", PATH, {field: value}, 400))["errors"][0]["pointer"] == field
    assert (await send(world, "GET", f"{PATH}/{one['id']}", None, 200)) == one


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": ""}, "name"),
        ({"name": " "}, "name"),
        ({"name": "x" * 401}, "name"),
        ({"name": 1}, "name"),
        ({"other": 1}, "other"),
        ({"status": "odd"}, "status"),
        ({"source_type": "odd"}, "source_type"),
        ({"source": None}, "source"),
        ({"session_count": -1}, "session_count"),
        ({"session_count": "3"}, "session_count"),
        ({"completion_required_pct": 101}, "completion_required_pct"),
        ({"start_date": "2020-01-01T00:00:00"}, "start_date"),
        ({"start_date": "soon"}, "start_date"),
        ({"start_date": "2020-01-02T00:00:00Z", "end_date": "2020-01-01T00:00:00Z"}, "end_date"),
        ({"group_id": "grp-x"}, "group_id"),
        ({"group_id": f"grp-{uuid4()}"}, "group_id"),
        ({"group_id": "grp-" + "-" * 36}, "group_id"),
        ({"facilitator_ids": ["x"]}, "facilitator_ids/0"),
        ({"facilitator_ids": [str(uuid4())]}, "facilitator_ids/0"),
        ({"assigned_assessment_ids": ["x"]}, "assigned_assessment_ids/0"),
        ({"assigned_assessment_ids": ["asm-" + "-" * 36]}, "assigned_assessment_ids/0"),
        ({"tags": ["x" * 101]}, "tags/0"),
        ({"tags": ["a"] * 51}, "tags"),
        ({"metadata": []}, "metadata"),
        ({"metadata": {"x": "y" * 16_400}}, "metadata"),
        ({"metadata": {"x" * 101: 1}}, "metadata"),
        ({"metadata": {str(key): 1 for key in range(101)}}, "metadata"),
        ({"metadata": {"x": "\x00"}}, "metadata"),
        ({"metadata": {"1": {"2": {"3": {"4": {"5": {"6": {"7": {"8": {}}}}}}}}}}, "metadata"),
    ],
    ids=lambda value: str(value)[:30] if isinstance(value, str) else None,
)
async def test_bad_values(world, body, pointer):
    for method, path in (("POST", PATH), ("PATCH", f"{PATH}/{(await made(world))['id']}")):
        answer = await send(world, method, path, body, 400)
        assert answer["errors"][0]["pointer"].strip("/") == pointer, answer


async def test_only_staff_facilitate_and_only_this_organizations(world):
    ina, pat = await world.person("Ina"), await world.person("Pat", role=None)
    away = await world.person("Ola", organization=world.elsewhere)
    users = [str(one.user_id) for one in (ina, pat, away)]
    answer = await send(world, "POST", PATH, {"facilitator_ids": users}, 400)
    assert [error["pointer"] for error in answer["errors"]] == ["facilitator_ids/1", "facilitator_ids/2"]
    body = await made(world, facilitator_ids=[users[0], users[0].upper()])
    assert body["facilitator_ids"] == [users[0]]


async def test_a_group_is_the_organizations_and_no_department(world):
    for bad in (await group(world, "division"), await group(world, organization=world.elsewhere)):
        assert (await send(world, "POST", PATH, {"group_id": bad}, 400))["errors"][0]["pointer"] == "group_id"
    one = await made(world, group_id=(await group(world)).upper().replace("GRP", "grp"))
    own = f"grp-{parse_prefixed_ulid('coh', one['id'])}"
    assert (await send(world, "PATCH", f"{PATH}/{one['id']}", {"group_id": own}, 200))["group_id"] == own


PAST, PRESENT, FUTURE = -2, 0, 2


@pytest.mark.parametrize(
    ("start", "end", "said", "expected"),
    [
        (None, None, None, "active"),
        (1, 2, None, "planned"),
        (-1, 2, None, "active"),
        (-2, -1, None, "completed"),
        (None, -1, None, "completed"),
        (1, 2, "active", "active"),
        (-2, -1, "active", "active"),
        (1, 2, "canceled", "canceled"),
        (-1, 2, "completed", "completed"),
    ],
)
async def test_the_status_follows_the_dates_until_it_is_said(world, start, end, said, expected):
    dates = {"start_date": start, "end_date": end}
    given = {
        name: (now() + timedelta(days=days)).isoformat() if days is not None else None for name, days in dates.items()
    }
    body = await made(world, **given, **({"status": said} if said else {}))
    assert body["status"] == expected
    listed = await send(world, "GET", f"{PATH}?status={expected}", None, 200)
    assert [row["id"] for row in listed["items"]] == [body["id"]]
    for other in {"planned", "active", "completed", "canceled"} - {expected}:
        assert (await send(world, "GET", f"{PATH}?status={other}", None, 200))["total"] == 0


async def test_what_was_said_counts_until_the_next_date(world):
    at = now()
    days = {"start_date": (at - timedelta(days=1)).isoformat(), "end_date": (at + timedelta(days=1)).isoformat()}
    body = await made(world, **days, status="planned")
    key = parse_prefixed_ulid("coh", body["id"])
    for stated, ended, expected in ((-2, 1, "active"), (-2, -0.5, "completed"), (-0.1, -0.5, "planned")):
        values = {"status_at": at + timedelta(days=stated), "end_date": at + timedelta(days=ended)}
        await world.session.execute(update(Cohort).where(Cohort.id == key).values(values))
        world.session.expire_all()
        assert (await send(world, "GET", f"{PATH}/{body['id']}", None, 200))["status"] == expected
        assert (await send(world, "GET", f"{PATH}?status={expected}", None, 200))["total"] == 1
    again = await send(world, "PATCH", f"{PATH}/{body['id']}", {"status": None}, 200)
    assert again["status"] == "completed"


async def test_a_deleted_one_is_read_and_not_written(world, outbox):
    one = await made(world, name="Spring")
    path = f"{PATH}/{one['id']}"
    ann = await world.person("Ann", role="org.admin")
    await send(world, "DELETE", path, None, 204, world.as_(user=ann.user_id))
    body = await send(world, "GET", path, None, 200)
    assert (body["is_deleted"], body["deleted_by"], body["version"]) == (True, str(ann.user_id), 2)
    assert (await send(world, "GET", PATH, None, 200))["total"] == 0
    for method in ("PATCH", "DELETE"):
        await send(world, method, path, {"name": "x"} if method == "PATCH" else None, 404)
    assert [event.cohort_id for event in await outbox() if isinstance(event, CohortDeleted)] == [
        parse_prefixed_ulid("coh", one["id"])
    ]


async def test_an_application_has_its_own(world):
    key = uuid4()
    token = key_token(organization_id=world.organization, scopes=("cohort:read", "cohort:write"))
    application, other = world.client.with_token(token), await made(world, name="Ours")
    mine = await made(world, application, name="Theirs")
    assert UUID(mine["app_id"]) != key
    assert (mine["created_by"], mine["source_type"]) == (None, "api")
    assert [row["name"] for row in (await send(world, "GET", PATH, None, 200, application))["items"]] == ["Theirs"]
    for method, body in (("GET", None), ("PATCH", {"name": "x"}), ("DELETE", None)):
        await send(world, method, f"{PATH}/{other['id']}", body, 404, application)
    assert (await send(world, "GET", PATH, None, 200))["total"] == 2
    assert (await send(world, "GET", f"{PATH}?app_id={mine['app_id']}", None, 200))["total"] == 1


async def test_other_organizations_and_readers_do_not_write(world):
    one = await made(world, name="Spring")
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        await send(world, method, f"{PATH}/{one['id']}", body, 404, world.as_(organization=world.elsewhere))
        await send(world, method, f"{PATH}/{one['id']}", body, 403, world.as_("org.member"))
    refused = await send(world, "POST", PATH, {}, 403, world.as_("org.member"))
    assert refused["code"] == "forbidden"
    assert (await send(world, "GET", PATH, None, 200))["items"] == [one]


async def test_filters_by_every_field(world):
    ann = await world.person("Ann", role="org.admin")
    one = await made(
        world, world.as_(user=ann.user_id), name="One", session_count=3, completion_required_pct=75.5, tags=["a", "b"],
        start_date="2020-01-01T00:00:00Z", facilitator_ids=[str(ann.user_id)],
    )  # fmt: skip
    await made(world, name="Two", session_count=4, tags=["b"], start_date="2021-01-01T00:00:00Z", source="lms")
    scalars = {name: value for name, value in one.items() if not isinstance(value, list | dict) and value is not None}
    shared = {"tenant_id", "is_deleted", "schema_version", "version", "source_type", "status"}
    shared |= {"created_at", "updated_at"}  # one transaction, one time
    for name, value in scalars.items():
        found = await world.as_().get(PATH, params={name: str(value).lower() if value is False else value})
        assert found.status_code == 200, found.text
        assert found.json()["total"] == (2 if name in shared else 1), name
    for parameters, names in (
        ({"tag": ["a", "b"]}, ["One"]),
        ({"tag": "b"}, ["Two", "One"]),
        ({"facilitator_id": str(ann.user_id)}, ["One"]),
        ({"start_date": ">2020-06-01T00:00:00Z"}, ["Two"]),
        ({"start_date": [">=2020-01-01T00:00:00Z", "<2021-01-01"]}, ["One"]),
        ({"source": "lms"}, ["Two"]),
        ({"session_count": 2**40}, []),
        ({"tenant_id": "other"}, []),
        ({"id": "coh_x"}, []),
    ):
        found = (await world.as_().get(PATH, params=parameters)).json()
        assert [row["name"] for row in found["items"]] == names, parameters
    assert (await world.as_().get(PATH, params={"start_date": "x"})).status_code == 400


async def test_two_writers_of_one_version(live):
    from kernel import uuid7

    caller = live.as_(organization_id=uuid7(), roles=("org.admin",))
    one = (await caller.post(PATH, json={"name": "Spring"})).json()
    writes = (caller.patch(f"{PATH}/{one['id']}", json={"name": f"N{place}", "version": 1}) for place in range(8))
    statuses = sorted([answer.status_code for answer in await asyncio.gather(*writes)])
    assert statuses == [200, *[409] * 7]
