"""Importing people."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from contracts.orgs import GroupPeopleChanged, IndividualRegistered, IndividualUpdated
from orgs.imports.worker import run_next
from orgs_world import World, ids, ok, refused
from sqlalchemy import text


async def send(world: World, organization: UUID, content: str | bytes, kind: str = "individuals", client=None, **more):
    query = {"organization-id": str(organization), "kind": kind} | {k.replace("_", "-"): v for k, v in more.items()}
    raw = content.encode() if isinstance(content, str) else content
    headers = {"content-type": "text/csv"}
    return await (client or world.operator).post("/v1/imports/", params=query, content=raw, headers=headers)


async def imported(world: World, organization: UUID, content: str | bytes, kind: str = "individuals", **more):
    made = ok(await send(world, organization, content, kind, **more), 201)["data"]
    assert made["attributes"]["status"] == "waiting"
    assert await run_next(world.client.app.state.runtime)
    return ok(await world.operator.get(f"/v1/imports/{made['id']}/"))["data"]["attributes"]


async def people(session, organization: UUID) -> dict[str, object]:
    rows = await session.execute(text("SELECT * FROM individuals WHERE organization_id = :id"), {"id": organization})
    return {row.first_name: row for row in rows}


async def test_people_with_their_groups(world: World, session, outbox) -> None:
    organization = await world.organization()
    ward, night = await world.group(organization, name="Ward"), await world.group(organization, name="Night")
    before = len(await outbox())
    file = (
        "\ufeffkey,first-name,last-name,birth-date,email,phone,tz,groups\r\n"
        f"a,Ana,Ruiz,1980-02-03,ana@example.org,'+15551234567,Europe/Madrid,{ward};{night}\r\n"
        f'b,Ben,"O\'Hara, ""Jr""",,,+15551234568,,{ward}\r\n'
        "\r\n"
        "c,Cy,,,,,,\r\n"
    )
    done = await imported(world, organization, file, file_name="people.csv")
    assert (done["status"], done["created"], done["changed"], done["errors"]) == ("done", 3, 0, [])
    assert (done["progress"], done["file-name"]) == ({"done": 3, "total": 3}, "people.csv")
    task = ok(await world.operator.get(f"/v1/tasks/{done['task-id']}/"))["data"]["attributes"]
    assert (task["status"], task["result"]["created"], task["progress"]) == ("done", 3, {"done": 3, "total": 3})
    found = await people(session, organization)
    ana, ben, cy = found["Ana"], found["Ben"], found["Cy"]
    assert (ana.birth_date, ana.phone, ana.tz) == (date(1980, 2, 3), "+15551234567", "Europe/Madrid")
    assert ben.last_name == 'O\'Hara, "Jr"'
    assert await world.people_of(ward) == {ana.id, ben.id}
    assert await world.people_of(night) == {ana.id}
    kept = await world.kept(organization)
    assert await world.people_of(kept["all_participants"]) == {ana.id, ben.id, cy.id}
    assert await world.people_of(kept["unassigned"]) == {cy.id}
    assert (await world.read_group(ward))["individuals-count"] == 2
    events = (await outbox())[before:]
    assert {event.individual_id for event in events if isinstance(event, IndividualRegistered)} == {
        ana.id,
        ben.id,
        cy.id,
    }
    added = [event for event in events if isinstance(event, GroupPeopleChanged) and event.group_id == ward]
    assert set(added[0].added) == {ana.id, ben.id}
    logs = ok(await world.operator.get(f"/v1/individual-group-logs/?individual-group-id={ward}"))["data"]
    assert {row["attributes"]["created-by"]["id"] for row in logs} == {str(world.operator_id)}
    assert (await session.execute(text("SELECT count(*) FROM import_pieces"))).scalar_one() == 0


async def test_the_same_file_again_changes_nothing(world: World, outbox) -> None:
    organization = await world.organization()
    ward = await world.group(organization)
    file = f"key,first-name,groups\na,Ana,{ward}\nb,Ben,\n"
    await imported(world, organization, file)
    before = len(await outbox())
    again = await imported(world, organization, file)
    assert (again["status"], again["created"], again["changed"]) == ("done", 0, 0)
    assert len(await outbox()) == before


async def test_columns_that_are_there_are_the_truth_and_others_stay(world: World, session, outbox) -> None:
    organization = await world.organization()
    ward, night = await world.group(organization), await world.group(organization)
    one = await world.individual(organization, first_name="Ana", email="ana@example.org", tz="UTC")
    other = await world.individual(organization, first_name="Ben")
    for person in (one, other):
        ok(await world.act(ward, "add-individuals", individual_ids=[person]), 201)
    before = len(await outbox())
    done = await imported(world, organization, f"KEY , email,groups\n{str(one).upper()},,{night}\n")
    assert (done["created"], done["changed"]) == (0, 1)
    ana = (await people(session, organization))["Ana"]
    assert (ana.email, ana.tz) == (None, "UTC")
    assert (await world.people_of(ward), await world.people_of(night)) == ({other}, {one})
    assert [type(event) for event in (await outbox())[before:]].count(IndividualUpdated) == 1
    await imported(world, organization, f"key,groups\n{one},\n")
    assert await world.people_of((await world.kept(organization))["unassigned"]) == {one}
    done = await imported(world, organization, f"key,first-name\n{one},Anna\n")
    assert await world.people_of((await world.kept(organization))["unassigned"]) == {one}
    assert set(await people(session, organization)) == {"Anna", "Ben"}


async def test_every_problem_is_named_by_line_and_column_and_nothing_is_written(world: World, session, outbox) -> None:
    organization, other = await world.organization(), await world.organization()
    foreign, staff = await world.group(other), await world.group(organization, type="provider_only")
    kept = (await world.kept(organization))["unassigned"]
    one = await world.individual(organization)
    before = len(await outbox())
    lines = [
        "key,first-name,birth-date,email,phone,tz,groups",
        "a,Ana,1980-02-30,,,,",
        "b,Ben,,nothing,12,Mars/North,",
        f"c,Cy,,,,,{foreign}",
        f"d,Di,,,,,{staff};{kept};{uuid4()}",
        '"multi\nline",Ed,,,,,',
        "a,Flo,,,,,",
        " ,Gil,,,,,",
        "h,Hal",
        f'i,{"x" * 128},,,,,"{one}"',
        f"{one},Jo,,,,,",
        f"{str(one).upper()},Kim,,,,,",
        'l,Lo,,,,,"""x"',
    ]
    done = await imported(world, organization, "\n".join(lines))
    assert (done["status"], done["created"], done["progress"]["done"]) == ("failed", 0, 0)
    found = [(error["line"], error["column"], error["code"]) for error in done["errors"]]
    assert found == [
        (2, "birth-date", "invalid"),
        (3, "email", "invalid"),
        (3, "phone", "invalid"),
        (3, "tz", "invalid"),
        (4, "groups", "unknown-group"),
        (5, "groups", "provider-only"),
        (5, "groups", "kept-group"),
        (5, "groups", "unknown-group"),
        (9, "key", "invalid"),
        (10, None, "cells"),
        (11, "first-name", "invalid"),
        (13, "key", "duplicate"),
        (14, "groups", "invalid"),
    ]
    assert done["error-count"] == len(found)
    assert len(await outbox()) == before
    assert len(await people(session, organization)) == 1
    task = ok(await world.operator.get(f"/v1/tasks/{done['task-id']}/"))["data"]["attributes"]
    assert (task["status"], task["result"]["errors"]) == ("failed", len(found))


async def test_a_hundred_problems_are_listed_and_all_are_counted(world: World) -> None:
    organization = await world.organization()
    rows = "\n".join(f"{number},nobody" for number in range(250))
    done = await imported(world, organization, f"key,email\n{rows}\n")
    assert (len(done["errors"]), done["error-count"]) == (100, 250)


@pytest.mark.parametrize(
    ("content", "codes"),
    [
        ("key,first-name\na,Jos\xe9\n".encode("latin-1"), ["not-utf-8"]),
        ("key,first-name\na,Ana\n".encode("utf-16"), ["not-utf-8"]),
        (b"first-name,last-name\nAna,Ruiz\n", ["missing-column"]),
        (b"key,first-name,first-name,shoe-size\na,b,c,d\n", ["repeated-column", "unknown-column"]),
        (b"key;first-name\na;b\n", ["unknown-column", "missing-column"]),
        (b"key,first-name\n", ["empty"]),
        (b'key,first-name\na,"Ana\n', ["malformed-csv"]),
        (b'key,first-name\na,"A"na\n', ["malformed-csv"]),
        (b"key,first-name\na,A\x00na\n", ["malformed-csv"]),
        (b"key\n" + b"".join(b"%d\n" % number for number in range(1_000_000)), ["too-many-rows"]),
    ],
    ids=["latin-1", "utf-16", "missing", "columns", "semicolons", "no rows", "open", "quotes", "zero", "a million"],
)
async def test_a_file_that_is_wrong_as_a_whole_is_refused_at_once(world: World, session, content, codes) -> None:
    organization = await world.organization()
    errors = refused(await send(world, organization, content), 400)
    assert [error["code"] for error in errors] == codes
    assert (await session.execute(text("SELECT count(*) FROM imports"))).scalar_one() == 0


async def test_a_file_that_is_too_large(world: World) -> None:
    organization = await world.organization()
    refused(await send(world, organization, b"key\n" + b"x" * 33 * 1024 * 1024), 413)
    refused(await send(world, organization, b""), 400)


async def test_a_dry_run_only_checks(world: World, session) -> None:
    organization = await world.organization()
    done = await imported(world, organization, "key,first-name\na,Ana\n", dry_run="true")
    assert (done["status"], done["dry-run"], done["created"]) == ("done", True, 0)
    assert await people(session, organization) == {}


async def test_imports_are_for_administrators(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    staff = world.as_(await world.staff(organization))
    stranger = world.as_(await world.staff(other, "org.admin"))
    admin = world.as_(await world.staff(organization, "org.admin"))
    file = "key\na\n"
    refused(await send(world, organization, file, client=staff), 403)
    refused(await send(world, organization, file, client=stranger), 404)
    made = ok(await send(world, organization, file, client=admin), 201)["data"]["id"]
    for client, status in ((staff, 403), (stranger, 404), (admin, 200)):
        assert (await client.get(f"/v1/imports/{made}/")).status_code == status
        assert (await client.get(f"/v1/imports/?organization-id={organization}")).status_code == status
    assert ids(await admin.get(f"/v1/imports/?organization-id={organization}")) == [UUID(made)]
    for _ in range(4):
        ok(await send(world, organization, file, client=admin), 201)
    answer = await send(world, organization, file, client=admin)
    refused(answer, 429)
    assert answer.headers["retry-after"]


async def test_an_idempotency_key_makes_one_import(live_world: World) -> None:
    world = live_world
    organization = await world.organization()
    query = {"organization-id": str(organization), "kind": "individuals"}
    headers = {"content-type": "text/csv", "idempotency-key": "roster"}
    answers = [
        await world.operator.post("/v1/imports/", params=query, content=b"key\na\n", headers=headers) for _ in range(2)
    ]
    assert len({ok(answer, 201)["data"]["id"] for answer in answers}) == 1
    other = await world.operator.post("/v1/imports/", params=query, content=b"key\nb\n", headers=headers)
    refused(other, 422)
    assert await run_next(world.client.app.state.runtime)


async def test_keys_of_another_organization_make_copies(world: World, session) -> None:
    organization, other = await world.organization(), await world.organization()
    foreign = await world.individual(other, first_name="Theirs")
    done = await imported(world, organization, f"key,first-name\n{foreign},Mine\n")
    assert (done["created"], done["changed"]) == (1, 0)
    assert set(await people(session, other)) == {"Theirs"}
    mine = (await people(session, organization))["Mine"]
    assert mine.id != foreign
    again = await imported(world, organization, f"key,first-name\n{foreign},Ours\n")
    assert (again["created"], again["changed"]) == (0, 1)
