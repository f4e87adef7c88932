"""Exporting people and groups, and importing what was exported."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from kernel import now
from orgs.exports import worker
from orgs.imports.worker import run_next
from orgs_world import World, ids, new, ok, pointers, refused
from sqlalchemy import text

KINDS = ("individual-groups", "individuals")


async def exported(world: World, organization: UUID, kind: str) -> dict:
    body = new("exports", organization_id=organization, kind=kind)
    made = ok(await world.operator.post("/v1/exports/", json=body), 201)["data"]
    assert (made["attributes"]["status"], made["attributes"]["files"]) == ("waiting", [])
    assert await worker.run_next(world.client.app.state.runtime)
    return ok(await world.operator.get(f"/v1/exports/{made['id']}/"))["data"]


async def fetched(world: World, file: dict) -> bytes:
    parts = urlsplit(file["url"])
    answer = await world.client.get(f"{parts.path}?{parts.query}")
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


async def files_of(world: World, organization: UUID, kind: str) -> list[bytes]:
    done = (await exported(world, organization, kind))["attributes"]
    assert done["status"] == "done"
    return [await fetched(world, file) for file in done["files"]]


async def import_(world: World, organization: UUID, kind: str, content: bytes) -> dict:
    query = {"organization-id": str(organization), "kind": kind}
    headers = {"content-type": "text/csv"}
    answer = await world.operator.post("/v1/imports/", params=query, content=content, headers=headers)
    made = ok(answer, 201)["data"]["id"]
    assert await run_next(world.client.app.state.runtime)
    return ok(await world.operator.get(f"/v1/imports/{made}/"))["data"]["attributes"]


async def peopled(world: World) -> UUID:
    """An organization with what is hard to write down."""
    organization = await world.organization()
    top = await world.group(organization, name="=cmd|' /C calc'!A0", tags=["a;b", 'say "x"', " blank ", "-1"])
    low = await world.group(organization, top, name="Ward, 3\nnight", node_type="division")
    await world.group(organization, low, name="@staff", type="provider_only")
    people = [
        await world.individual(organization, first_name="Zoë", last_name="'=1+1", phone="+15551234567"),
        await world.individual(
            organization, first_name="+Ana", birth_date="1980-02-03", email="a@example.org", tz="UTC"
        ),
        await world.individual(organization, first_name="", preferred_name=" 　李 "),
        await world.individual(organization),
    ]
    ok(await world.act(top, "add-individuals", individual_ids=people[:2]), 201)
    ok(await world.act(low, "add-individuals", individual_ids=people[1:3]), 201)
    return organization


async def test_an_exported_file_imports_back_without_a_difference(world: World, outbox) -> None:
    organization = await peopled(world)
    files = {kind: (await files_of(world, organization, kind))[0] for kind in KINDS}
    before = len(await outbox())
    for kind, content in files.items():
        done = await import_(world, organization, kind, content)
        assert (done["status"], done["created"], done["changed"]) == ("done", 0, 0), done["errors"]
    assert len(await outbox()) == before
    assert {kind: (await files_of(world, organization, kind))[0] for kind in KINDS} == files


async def test_an_exported_file_makes_a_copy_elsewhere(world: World) -> None:
    organization, other = await peopled(world), await world.organization()
    for kind in KINDS:
        content = (await files_of(world, organization, kind))[0]
        assert (await import_(world, other, kind, content))["status"] == "done"
    for kind in KINDS:
        first, second = [(await files_of(world, place, kind))[0].decode("utf-8-sig") for place in (organization, other)]
        assert sorted(_without_keys(first)) == sorted(_without_keys(second))


def _without_keys(content: str) -> list[tuple]:
    rows = csv.DictReader(io.StringIO(content, newline=""))
    hidden = {"key", "parent-key", "groups"}
    return [tuple(value for name, value in row.items() if name not in hidden) for row in rows]


async def test_no_cell_is_a_formula(world: World) -> None:
    organization = await peopled(world)
    for kind in KINDS:
        content = (await files_of(world, organization, kind))[0]
        assert content.startswith(b"\xef\xbb\xbf")
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


async def test_many_rows_are_parted_into_files_that_imports_take(world: World, monkeypatch) -> None:
    organization = await world.organization()
    people = {await world.individual(organization) for _ in range(7)}
    monkeypatch.setattr(worker, "MOST_ROWS", 3)
    monkeypatch.setattr(worker, "ROWS_A_FETCH", 2)
    done = (await exported(world, organization, "individuals"))["attributes"]
    assert [(file["name"], file["rows"]) for file in done["files"]] == [
        ("individuals-1.csv", 3),
        ("individuals-2.csv", 3),
        ("individuals-3.csv", 1),
    ]
    assert done["progress"] == {"done": 7, "total": 7}
    keys: set[UUID] = set()
    for file in done["files"]:
        rows = csv.DictReader(io.StringIO((await fetched(world, file)).decode("utf-8-sig"), newline=""))
        keys |= {UUID(row["key"]) for row in rows}
    assert keys == people


async def test_an_empty_export_is_a_header(world: World) -> None:
    organization = await world.organization()
    (content,) = await files_of(world, organization, "individuals")
    assert content.decode("utf-8-sig").split("\r\n")[1:] == [""]


async def test_exports_are_for_administrators(world: World) -> None:
    organization, other = await world.organization(), await world.organization()
    done = await exported(world, organization, "individuals")
    staff = world.as_(await world.staff(organization))
    stranger = world.as_(await world.staff(other, "org.admin"))
    body = new("exports", organization_id=organization, kind="individuals")
    path = f"/v1/exports/{done['id']}/"
    for client, status in ((staff, 403), (stranger, 404)):
        refused(await client.post("/v1/exports/", json=body), status)
        refused(await client.get(path), status)
        refused(await client.get(f"/v1/exports/?organization-id={organization}"), status)
        refused(await client.delete(path), status)
    assert ids(await world.operator.get(f"/v1/exports/?organization-id={organization}")) == [UUID(done["id"])]
    refused(await world.operator.get(f"/v1/exports/{uuid4()}/"), 404)
    bad = new("exports", organization_id=uuid4(), kind="individuals")
    assert pointers(await world.operator.post("/v1/exports/", json=bad), 404) == {"/data/attributes/organization-id"}
    bad = new("exports", organization_id=organization, kind="cats")
    assert pointers(await world.operator.post("/v1/exports/", json=bad), 400) == {"/data/attributes/kind"}


async def test_files_go_when_asked_and_when_they_expire(world: World, session) -> None:
    organization = await world.organization()
    first, second = [await exported(world, organization, "individuals") for _ in range(2)]
    ok(await world.operator.delete(f"/v1/exports/{first['id']}/"), 204)
    past = {"id": second["id"], "time": now() - timedelta(minutes=1)}
    await session.execute(text("UPDATE exports SET expires_at = :time WHERE id = :id"), past)
    assert await worker.remove_expired(world.client.app.state.runtime)
    for one in (first, second):
        shown = ok(await world.operator.get(f"/v1/exports/{one['id']}/"))["data"]["attributes"]
        assert (shown["status"], shown["files"]) == ("removed", [])
        parts = urlsplit(one["attributes"]["files"][0]["url"])
        assert (await world.client.get(f"{parts.path}?{parts.query}")).status_code == 404


async def test_too_many_at_a_time_and_one_that_is_being_made(world: World) -> None:
    organization = await world.organization()
    body = new("exports", organization_id=organization, kind="individuals")
    made = [ok(await world.operator.post("/v1/exports/", json=body), 201)["data"]["id"] for _ in range(5)]
    refused(await world.operator.post("/v1/exports/", json=body), 429)
    refused(await world.operator.delete(f"/v1/exports/{made[0]}/"), 409)
