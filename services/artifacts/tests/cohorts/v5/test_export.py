"""`POST /api/v5/artifacts/cohorts/export` and `GET /api/v5/uploads/{upload_id}`."""

import asyncio
import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from artifacts import upkeep
from artifacts.cohorts.models import CohortActivity
from artifacts.uploads import commands
from artifacts.uploads.models import Upload
from kernel import NotFound, now
from sqlalchemy import select, text, update


async def exported(world, caller=None, **body):
    """The answer and the file's rows."""
    made = await world.post("cohorts/export", body, caller)
    answer = await (caller or world.as_()).get(f"/api/v5/uploads/{made['upload_id']}")
    assert answer.status_code == 200, answer.text
    return made, list(csv.DictReader(io.StringIO(answer.text, newline="")))


async def test_a_row_a_member(world):
    ann, bob = await world.person("Ann"), await world.person("Bob")
    await world.department("Surgery")
    await world.department("ICU")
    await world.cohort(
        "Spring",
        description='Said "first", then\nmore',
        departments=["Surgery", "ICU"],
        simulations=["Triage"],
        profile_ids=[str(ann.id), str(bob.id)],
    )
    empty = await world.cohort("Autumn", active_flag=False)
    await world.cohort("Elsewhere", world.as_(organization=world.elsewhere))
    gone = await world.cohort("Gone")
    await world.post("cohorts/delete", {"cohort_ids": [gone]})
    made, rows = await exported(world)
    assert made["row_count"] == len(rows) == 3
    assert made["file_name"].startswith("cohorts-")
    assert [(row["name"], row["profile_name"]) for row in rows] == [
        ("Spring", "Ann Doe"),
        ("Spring", "Bob Doe"),
        ("Autumn", ""),
    ]
    first = rows[0]
    assert (first["departments"], first["simulations"], first["members"]) == ("ICU; Surgery", "Triage", "2")
    assert first["description"] == 'Said "first", then\nmore'
    assert (first["active"], rows[2]["active"], rows[2]["cohort_id"]) == ("yes", "no", empty)
    assert (first["member_source"], first["profile_role"]) == ("hand", "member")
    note = (await world.session.scalars(select(CohortActivity).where(CohortActivity.activity == "exported"))).one()
    assert (note.cohort_id, note.changes[0]["after"]) == (None, 3)


async def test_one_cohort(world):
    one = await world.cohort("One")
    await world.cohort("Two")
    _, rows = await exported(world, cohort_id=one)
    assert [row["name"] for row in rows] == ["One"]


async def test_nothing_but_the_heading(world):
    made, rows = await exported(world)
    assert (made["row_count"], rows) == (0, [])


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"], ids=lambda cell: f"{ord(cell[0]):x}"
)
async def test_no_cell_is_a_formula(world, cell):
    await world.department(cell)
    await world.cohort(f"{cell}x".lstrip("\t\r\n"), description=cell, departments=[cell], simulations=[cell])
    _, rows = await exported(world)
    assert (rows[0]["description"], rows[0]["departments"], rows[0]["simulations"]) == (f"'{cell}",) * 3
    assert rows[0]["name"].startswith("'")


@pytest.mark.parametrize(
    "text_", ["'=1", " =1", "1-1", "a=b", "é"], ids=["quoted", "spaced", "digit", "inside", "letter"]
)
async def test_other_cells_stay(world, text_):
    await world.cohort("Spring", description=text_)
    _, rows = await exported(world)
    assert rows[0]["description"] == text_


async def test_what_is_not_there(world):
    theirs = await world.cohort("Theirs", world.as_(organization=world.elsewhere))
    for cohort_id in (theirs, str(uuid4())):
        answer = await world.as_().post("/api/v5/artifacts/cohorts/export", json={"cohort_id": cohort_id})
        assert answer.status_code == 404
    for place in (uuid4(), "x"):
        assert (await world.as_().get(f"/api/v5/uploads/{place}")).status_code == 404


async def test_a_file_is_saved_not_shown(world):
    made = await world.post("cohorts/export", {})
    answer = await world.as_().get(f"/api/v5/uploads/{made['upload_id']}")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].endswith(made["file_name"])
    assert (answer.headers["x-content-type-options"], answer.headers["content-security-policy"]) == (
        "nosniff",
        "sandbox",
    )


async def test_a_file_is_there_for_a_day(world, app):
    made, _ = await exported(world)
    kept, _ = await exported(world)
    row = await world.session.get(Upload, made["upload_id"])
    assert timedelta(hours=23) < row.expires_at - now() <= timedelta(hours=24)
    await world.session.execute(update(Upload).where(Upload.id == row.id).values(expires_at=now()))
    assert (await world.as_().get(f"/api/v5/uploads/{made['upload_id']}")).status_code == 404
    await upkeep.sweep_once(app.state.runtime)
    assert [str(one) for one in await world.session.scalars(select(Upload.id))] == [kept["upload_id"]]
    with pytest.raises(NotFound):
        await app.state.runtime.objects.size(row.key)


async def test_a_query_that_fails_leaves_no_file(world, app):
    runtime, actor = app.state.runtime, type("Somebody", (), {"organization_id": uuid4(), "user_id": None})()
    query = "SELECT 1 / (2000 - n) AS n FROM generate_series(1, 3000) AS n"
    async with runtime.sessions() as session:
        with pytest.raises(Exception, match="division by zero"):
            await commands.write_csv(session, runtime, actor, "broken", query)
    assert list(await world.session.scalars(select(Upload.id))) == []


async def test_one_export_at_a_time(live):
    organization = uuid4()
    caller = live.as_(organization_id=organization, roles=("org.admin",))
    async with live.app.state.runtime.sessions.begin() as session:
        await session.execute(commands.ALONE, {"what": f"export {organization}"})
        busy = await caller.post("/api/v5/artifacts/cohorts/export", json={})
        assert (busy.status_code, busy.headers["retry-after"]) == (429, "5")
    made = await caller.post("/api/v5/artifacts/cohorts/export", json={})
    assert made.status_code == 200
    await caller.get(f"/api/v5/uploads/{made.json()['upload_id']}")


async def test_whoever_stops_reading_stops_the_database(live):
    runtime = live.app.state.runtime
    async with runtime.sessions() as session:
        connection = (await (await session.connection()).get_raw_connection()).driver_connection
        rows = commands._Rows(connection, "SELECT repeat('x', 1000) FROM generate_series(1, 200000)", ())
        pieces = rows.pieces()
        await anext(pieces)
        async with asyncio.timeout(5):
            await pieces.aclose()
        assert rows.count == 0
        await session.rollback()
        assert (await session.execute(text("SELECT 1"))).scalar_one() == 1
