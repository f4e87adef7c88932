"""Files of persons, into a static cohort and out of it."""

import csv
import io
from uuid import uuid4

import pytest
from artifacts.cohorts.imports import worker
from artifacts.cohorts.imports.models import CohortImport
from artifacts.persons.models import Person, PersonDistinctId
from artifacts.uploads.models import Upload
from kernel import now, uuid7
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError


@pytest.fixture
async def people(project):
    """Ann and Bob of the organization, Ola of another one, and somebody whom events know as dev-1."""
    world = project.world
    ann, bob = await world.person("Ann"), await world.person("Bob", role=None)
    ola = await world.person("Ola", organization=world.elsewhere)
    captured = Person(id=uuid7(), organization_id=world.organization, properties={"plan": "pro"})
    world.session.add(captured)
    await world.session.flush()
    world.session.add(PersonDistinctId(organization_id=world.organization, distinct_id="dev-1", person_id=captured.id))
    world.session.add(PersonDistinctId(organization_id=world.organization, distinct_id="0", person_id=captured.id))
    await world.session.flush()
    return {"ann": ann, "bob": bob, "ola": ola, "captured": captured}


def filled(text, people):
    """`{ann}` is her id as a person, `{ann.user_id}` as a user."""
    return text.format(**people, **{f"{name}_id": one.id for name, one in people.items()})


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("person_id\n{ann_id}\n{ola_id}\n", ["Ann Doe"]),
        ("person-id\n{ann_id}\n", ["Ann Doe"]),
        ("Person .id\n{ann_id}\nnonsense\n", ["Ann Doe"]),
        ("email\nann@example.org\nBOB@example.org\nola@example.org\n", ["Ann Doe", "Bob Doe"]),
        ("E-Mail\r\nann@example.org\r\n", ["Ann Doe"]),
        ("{ann.user_id}\n{bob.user_id}\n{ola.user_id}\n", ["Ann Doe", "Bob Doe"]),
        ("User ID\nann@example.org\n", ["Ann Doe"]),
        ("\n \n,,\n0\n0\n", ["0"]),
        ("dev-1\n\n\t0 \n", ["0"]),
        (",dev-1\n,ann@example.org\n", ["0", "Ann Doe"]),
        ("name,distinct_id\nx,dev-1\ny\nz,\n", ["0"]),
        ("email,person_id\nbob@example.org,{ann_id}\n", ["Ann Doe"]),
        ("Email , distinct-id \nbob@example.org,dev-1\n", ["0"]),
        ('name,email\n"Doe, ""A""","ann@example.org"\n', ["Ann Doe"]),
        ('"name","email"\n"x\ny",bob@example.org\n', ["Bob Doe"]),
        ("\ufeffemail\nann@example.org\n", ["Ann Doe"]),
        ("nobody@example.org\n", []),
    ],
    ids=lambda value: repr(value)[:40] if isinstance(value, str) else None,
)
async def test_who_comes_of_a_file(project, people, content, names):
    body = await project.upload(filled(content, people))
    assert (body["is_static"], body["is_calculating"], body["count"]) == (True, True, 0)
    await project.work()
    body = await project.read(1)
    assert (body["is_calculating"], body["count"], body["errors_calculating"]) == (False, len(names), 0)
    assert body["last_calculation"] is not None
    assert sorted(await project.people(1)) == names


@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b"", "empty"),
        (b"\n \n,,,\n", "empty"),
        (b"name,age\nAnn,3\n", "at least one column with a supported ID header"),
        (b"name,age\nAnn,3\n", "name, age"),
        (b"email\n", "no valid person IDs, distinct IDs, or email addresses"),
        (b"person_id\nx\n", "no valid person IDs"),
        (b"name,email\nx\n", "no valid person IDs"),
        ("email\nmüller@example.org\n".encode("latin-1"), "encoding"),
        (b"\xff\xfea\x00", "encoding"),
        (b'email\n"ann@example.org" x\n', "format"),
        (b'email\n"ann@example.org\n', "format"),
        (b"email\n" + b"x" * 200_000, "format"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_bad_files(project, content, detail):
    given = await project.upload(content, status=400)
    assert (given["type"], given["attr"]) == ("validation_error", "csv")
    assert detail in given["detail"]
    assert (await project.send("GET"))["count"] == 0
    await project.make(name="A", is_static=True)
    await project.upload(content, "1/", 400)
    assert not (await project.read(1))["is_calculating"]


async def test_a_file_adds_to_who_is_there(project, people):
    ann = people["ann"]
    await project.upload("bob@example.org\n", _create_static_person_ids=str(ann.id))
    assert (await project.read(1))["count"] == 1
    await project.work()
    assert sorted(await project.people(1)) == ["Ann Doe", "Bob Doe"]
    await project.change(1, name="Other")
    body = await project.upload("dev-1\nann@example.org\n", "1/", 200)
    assert body["is_calculating"]
    await project.work()
    assert sorted(await project.people(1)) == ["0", "Ann Doe", "Bob Doe"]
    assert (await project.read(1))["count"] == 3
    entry = (await project.send("GET", "1/activity/"))["results"][0]
    assert (entry["activity"], entry["detail"]["changes"][0]["after"]) == ("persons_imported", 2)
    assert (await project.world.session.scalars(select(Upload))).all() == [], "nothing is kept of the files"


async def test_only_a_static_cohort_takes_a_file(project, people):
    _ = people
    assert (await project.upload("dev-1\n", status=400, is_static="false"))["attr"] == "csv"
    await project.make(name="A", is_static=True)
    await project.change(1, deleted=True)
    assert (await project.upload("dev-1\n", "1/", 400))["attr"] == "deleted"


async def test_a_file_for_a_cohort_that_is_gone(project, people):
    _ = people
    await project.upload("dev-1\n")
    await project.change(1, deleted=True)
    await project.work()
    assert (await project.change(1, deleted=False))["count"] == 0


async def test_batches_and_a_worker_that_dies(project, people, monkeypatch):
    """The next one goes on where the first ended, and nobody is let in twice."""
    _ = people
    monkeypatch.setattr(worker, "BATCH", 2)
    await project.upload("".join(f"{one}\n" for one in ("dev-1", "a", "b", "ann@example.org", "bob@example.org")))
    written = worker._write_batch
    calls = []

    async def dying(session, *given):
        calls.append(given)
        if len(calls) == 2:
            raise OperationalError("gone", {}, Exception("gone"))
        return await written(session, *given)

    monkeypatch.setattr(worker, "_write_batch", dying)
    with pytest.raises(OperationalError):
        await worker.run_next(project.app.state.runtime)
    assert (await project.read(1))["is_calculating"]
    assert not await worker.run_next(project.app.state.runtime), "it waits before it is tried again"
    (row,) = await project.world.session.scalars(select(CohortImport))
    assert (row.done, row.lease_id, row.id_count) == (2, None, 5)
    await project.world.session.execute(update(CohortImport).values(retry_at=now()))
    await project.work()
    assert [len(one[2]) for one in calls] == [2, 2, 2, 1]
    assert sorted(await project.people(1)) == ["0", "Ann Doe", "Bob Doe"]


async def test_a_lease_is_taken_over(project, people):
    _ = people
    await project.upload("dev-1\n")
    session = project.world.session
    await session.execute(update(CohortImport).values(lease_id=uuid4(), lease_until=now().replace(year=2999)))
    assert not await worker.run_next(project.app.state.runtime)
    await session.execute(update(CohortImport).values(lease_until=now()))
    await project.work()
    assert (await project.read(1))["count"] == 1


async def test_a_file_that_is_lost(project, people):
    _ = people
    await project.upload("dev-1\n")
    (key,) = await project.world.session.scalars(select(CohortImport.key))
    (upload,) = await project.world.session.scalars(select(Upload))
    assert (upload.key, upload.scope, upload.row_count) == (key, "person:read", 1)
    await project.app.state.runtime.objects.delete(key)
    await project.work()
    body = await project.read(1)
    assert (body["is_calculating"], body["errors_calculating"]) == (False, 1)
    assert "upload it again" in body["last_error_message"]


async def test_an_exported_file_comes_back(project, people):
    """Also who has no address and no distinct id."""
    world = project.world
    nobody = Person(id=uuid7(), organization_id=world.organization, properties={"email": None, "x": "=1+1"})
    world.session.add(nobody)
    await world.session.flush()
    ids = [str(one.id) for one in (people["ann"], people["bob"], people["captured"], nobody)]
    await project.make(name="A", is_static=True, _create_static_person_ids=ids)
    file = await project.send("GET", "1/persons.csv")
    await project.upload(file)
    await project.work()
    assert sorted(await project.people(2)) == sorted(await project.people(1))
    assert (await project.read(2))["count"] == 4
    only_ids = "\n".join(["Person.id", *(row["id"] for row in csv.DictReader(io.StringIO(file)))])
    await project.upload(only_ids)
    await project.work()
    assert (await project.read(3))["count"] == 4


async def test_columns_of_an_exported_file(project, people):
    captured = people["captured"]
    captured.properties = {
        "email": "c@example.org", "plan": {"name": "pro", "tags": ["a", 2]}, "odd": "=cmd|x", "on": True,
        "none": None,
    }  # fmt: skip
    session = project.world.session
    for number in range(12):
        session.add(
            PersonDistinctId(
                organization_id=captured.organization_id, distinct_id=f"more-{number}", person_id=captured.id
            )
        )
    await session.flush()
    await project.make(name="A", is_static=True, _create_static_person_ids=[str(captured.id)])
    for path, options in (
        ("1/persons/?format=csv", {}),
        ("1/persons/?is_csv_export=1", {}),
        ("1/persons.csv", {}),
        ("1/persons/", {"headers": {"accept": "text/csv"}}),
    ):
        answer = await project.world.as_().get(f"/api/projects/@current/cohorts/{path}", **options)
        assert answer.headers["content-type"].startswith("text/csv"), path
        assert answer.headers["content-disposition"].startswith("attachment")
        (row,) = csv.DictReader(io.StringIO(answer.text))
        assert list(row) == [
            "id", "email", "name", "created_at", "properties.none", "properties.odd", "properties.on",
            "properties.plan.name", "properties.plan.tags.0", "properties.plan.tags.1",
            *(f"distinct_ids.{place}" for place in range(10)),
        ]  # fmt: skip
    assert (row["id"], row["email"], row["properties.odd"]) == (str(captured.id), "c@example.org", "'=cmd|x")
    assert (row["properties.on"], row["properties.none"], row["properties.plan.tags.1"]) == ("true", "", "2")
    empty = await project.make(name="B", is_static=True)
    assert await project.send("GET", f"{empty['id']}/persons.csv") == "id,email,name,created_at\r\n"
