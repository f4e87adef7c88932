"""An import whose process is killed in the middle is finished by the next one."""

import subprocess
import sys
from uuid import UUID

import pytest
from orgs.imports import worker
from orgs_world import World, ok
from sqlalchemy import text
from testkit.races import race

from .test_people import send

KILLED = """
import asyncio, sys
from orgs.imports import worker
from orgs.main import create_app
from orgs.settings import Settings

worker.BATCH = 20
settings = Settings(database_url=sys.argv[1], nats_url="nats://not-used")
asyncio.run(worker.run_next(create_app(settings, connected=False).state.runtime))
"""
ROWS = 90


def killed(url: str, failpoint: str) -> None:
    """Run the worker in a process that ends as by SIGKILL at a failpoint."""
    environment = {"MUSTER_FAILPOINT": failpoint, "PATH": ""}
    command = [sys.executable, "-c", KILLED, url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 9, done.stderr


@pytest.mark.parametrize("kind", ["individuals", "individual-groups"])
@pytest.mark.parametrize("failpoint", ["outbox.before_commit:exit9@2", "outbox.after_commit:exit9@3"])
async def test_a_killed_import_goes_on(live_world: World, kind, failpoint) -> None:
    world = live_world
    runtime = world.client.app.state.runtime
    organization = await world.organization()
    ward = await world.group(organization)
    if kind == "individuals":
        file = "key,first-name,groups\n" + "".join(f"k{n},N{n},{ward}\n" for n in range(ROWS))
    else:
        file = "key,name,parent-key\n" + "".join(f"k{n},N{n},{f'k{n + 1}' if n % 9 else ward}\n" for n in range(ROWS))
        file += f"k{ROWS},Last,{ward}\n"
    made = ok(await send(world, organization, file, kind), 201)["data"]["id"]
    killed(runtime.settings.database_url, failpoint)
    half = ok(await world.operator.get(f"/v1/imports/{made}/"))["data"]["attributes"]
    assert half["status"] == "applying"
    assert half["progress"]["done"] == half["created"] == (20 if "before" in failpoint else 60)
    assert await worker.run_next(runtime)
    done = ok(await world.operator.get(f"/v1/imports/{made}/"))["data"]["attributes"]
    assert (done["status"], done["created"]) == ("done", done["rows"])
    async with runtime.reads() as session:
        assert await _counts(session, organization, ward, kind) == done["rows"]
        versions = await session.execute(
            text("SELECT aggregate_id, max(aggregate_version), count(*) FROM outbox GROUP BY aggregate_id")
        )
        assert all(newest == number for _, newest, number in versions)


async def _counts(session, organization: UUID, ward: UUID, kind: str) -> int:
    values = {"id": organization, "ward": ward}
    if kind == "individuals":
        counted = "SELECT individuals_count FROM individual_groups WHERE id = :ward"
        logged = "SELECT count(*) FROM group_logs WHERE group_id = :ward"
        held = "SELECT count(DISTINCT individual_id) FROM group_individuals WHERE group_id = :ward"
        numbers = {await session.scalar(text(statement), values) for statement in (counted, logged, held)}
        assert len(numbers) == 1
        return numbers.pop()
    wrong = await session.execute(
        text("""
        SELECT g.id FROM individual_groups g WHERE organization_id = :id AND child_count <> (
            SELECT count(*) FROM individual_groups c WHERE c.parent_id = g.id)
        """),
        values,
    )
    assert wrong.all() == []
    below = "SELECT count(*) FROM individual_groups WHERE path @> ARRAY[CAST(:ward AS uuid)]"
    return await session.scalar(text(below), values)


async def test_several_workers_do_an_import_once(live_world: World) -> None:
    world = live_world
    runtime = world.client.app.state.runtime
    organization = await world.organization()
    file = "key\n" + "".join(f"k{number}\n" for number in range(ROWS))
    made = [ok(await send(world, organization, file), 201)["data"]["id"] for _ in range(3)]

    async def run(_: int) -> int:
        times = 0
        while await worker.run_next(runtime):
            times += 1
        return times

    assert sum(await race(run, 4)) >= 3
    done = [ok(await world.operator.get(f"/v1/imports/{one}/"))["data"]["attributes"] for one in made]
    assert [(one["status"], one["created"], one["changed"]) for one in done] == [
        ("done", ROWS, 0),
        ("done", 0, 0),
        ("done", 0, 0),
    ]


async def test_an_import_that_kills_each_process_is_given_up(live_world: World) -> None:
    world = live_world
    runtime = world.client.app.state.runtime
    organization = await world.organization()
    made = ok(await send(world, organization, "key\na\n"), 201)["data"]["id"]
    async with runtime.sessions.begin() as session:
        await session.execute(text("UPDATE imports SET attempts = 5 WHERE id = :id"), {"id": made})
    assert await worker.run_next(runtime)
    done = ok(await world.operator.get(f"/v1/imports/{made}/"))["data"]["attributes"]
    assert (done["status"], done["error-count"]) == ("failed", 1)


async def test_what_has_gone_since_the_check_ends_the_import(live_world: World, monkeypatch) -> None:
    world = live_world
    runtime = world.client.app.state.runtime
    organization = await world.organization()
    first, second = await world.group(organization), await world.group(organization)
    file = "key,groups\n" + "".join(f"k{n},{first if n < 20 else second}\n" for n in range(30))
    made = ok(await send(world, organization, file), 201)["data"]["id"]
    monkeypatch.setattr(worker, "BATCH", 20)
    begin = worker.next_phase

    async def removed(*arguments) -> None:
        await begin(*arguments)
        ok(await world.operator.delete(f"/v1/individual-groups/{second}/"), 204)

    monkeypatch.setattr(worker, "next_phase", removed)
    assert await worker.run_next(runtime)
    done = ok(await world.operator.get(f"/v1/imports/{made}/"))["data"]["attributes"]
    assert (done["status"], done["created"], done["errors"][0]["line"]) == ("failed", 20, 22)
    assert (await world.read_group(first))["individuals-count"] == 20
