"""Several workers, some of which die: each result is written once, and none that is late."""

import asyncio
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from artifacts.cohorts.calculations import calculating, engine, following
from artifacts.cohorts.calculations.calculating import calculate_next
from engine_world import Engine, person
from kernel import uuid7
from sqlalchemy import text

WORKER = """
import asyncio, sys
from artifacts.cohorts.calculations.calculating import calculate_next
from artifacts.main import create_app
from artifacts.settings import Settings
from chassis.revocations import Revocations
from testkit import principals
settings = Settings(database_url=sys.argv[1], nats_url="nats://not-used", public_url=principals.ISSUER)
app = create_app(settings, verifier=principals.verifier(), revocations=Revocations(), connected=False)
print(asyncio.run(calculate_next(app.state.runtime)))
"""
EXPIRE = text("UPDATE cohorts SET lease_until = clock_timestamp() - interval '1 second' WHERE id = :id")
RUNS = text("SELECT version, count, error FROM cohort_calculations WHERE cohort_id = :id ORDER BY started_at")


NOTHING_WAITS = (
    text("UPDATE cohorts SET pending_version = calculated_version, lease_until = NULL"),
    text("UPDATE cohort_schedules SET due_at = NULL"),
    text("DELETE FROM cohort_changes"),
    text("DELETE FROM member_announcements"),
)


@pytest.fixture
async def runtime(live):
    """A database of its own, in which nothing waits before and after."""
    made = live.app.state.runtime
    for moment in ("before", "after"):
        async with made.sessions.begin() as session:
            for statement in NOTHING_WAITS:
                await session.execute(statement)
        if moment == "before":
            yield made


class Committed(Engine):
    """Each write is a transaction of its own."""

    def __init__(self, runtime) -> None:
        self.runtime, self.organization, self.number = runtime, uuid4(), 0

    async def do(self, name: str, *given, **more):
        async with self.runtime.sessions.begin() as self.session:
            return await getattr(self, name)(*given, **more)


async def state(engine: Committed, cohort) -> tuple:
    row = await engine.do("reread", cohort)
    return row.calculated_version, row.pending_version, row.member_count


class Rereading(Committed):
    async def reread(self, cohort):
        return await self.session.get_one(type(cohort), cohort.id, populate_existing=True)

    async def runs(self, cohort):
        return [tuple(row) for row in await self.session.execute(RUNS, {"id": cohort.id})]

    async def expire(self, cohort):
        await self.session.execute(EXPIRE, {"id": cohort.id})

    async def ask(self, cohort, *leaves):
        again = await self.reread(cohort)
        await self.refilter(again, *leaves)


@pytest.fixture
def world(runtime) -> Rereading:
    return Rereading(runtime)


async def test_two_workers_at_once_calculate_once(world, runtime) -> None:
    ada = await world.do("person", plan="pro")
    cohort = await world.do("cohort", person("plan", "pro"))
    await asyncio.gather(*(calculate_next(runtime) for _ in range(4)))
    assert await world.do("members", cohort) == {ada}
    assert await state(world, cohort) == (1, 1, 1)
    assert await world.do("runs", cohort) == [(1, 1, None)]


@pytest.mark.parametrize("place", ["calculation.claimed", "calculation.before_commit"])
async def test_what_a_killed_worker_began_another_one_ends(world, runtime, place: str) -> None:
    ada = await world.do("person", plan="pro")
    cohort = await world.do("cohort", person("plan", "pro"))
    environment = {**os.environ, "MUSTER_FAILPOINT": f"{place}:exit9"}
    command = [sys.executable, "-c", WORKER, runtime.common.database_url]
    ended = await asyncio.to_thread(subprocess.run, command, env=environment, capture_output=True, check=False)
    assert ended.returncode == 9, ended.stderr.decode()
    assert await state(world, cohort) == (None, 1, 0)
    assert not await calculate_next(runtime), "the lease lasts"
    await world.do("expire", cohort)
    assert await calculate_next(runtime)
    assert await world.do("members", cohort) == {ada}
    assert await state(world, cohort) == (1, 1, 1)
    begun, ended_run = await world.do("runs", cohort)
    assert (begun, ended_run) == ((1, None, calculating.DIED), (1, 1, None))


async def test_a_late_result_is_dropped(world, runtime) -> None:
    ada, bo = await world.do("person", plan="pro"), await world.do("person", plan="free")
    cohort = await world.do("cohort", person("plan", "pro"))
    lease = uuid7()
    claimed = await calculating.claim(runtime, lease)
    assert claimed.id == cohort.id
    await world.do("expire", cohort)
    await world.do("ask", cohort, person("plan", "free"))
    assert await calculate_next(runtime)
    assert await state(world, cohort) == (2, 2, 1)
    with pytest.raises(calculating.Superseded):
        await calculating.carry_out(runtime, claimed, lease, None)
    assert await world.do("members", cohort) == {bo}
    assert ada != bo


async def test_changes_while_a_cohort_is_calculated_are_not_lost(world, runtime) -> None:
    ada = await world.do("person", plan="free")
    cohort = await world.do("cohort", person("plan", "pro"))
    await engine.settle(runtime)
    async with runtime.sessions.begin() as calculation:
        held = text("SELECT 1 FROM cohort_schedules WHERE cohort_id = :id FOR UPDATE")
        await calculation.execute(held, {"id": cohort.id})
        await world.do("change", ada, {"plan": "pro"}, "plan")
        assert await following.follow_once(runtime)
        assert await world.do("members", cohort) == set()
        assert not await following.follow_once(runtime), "somebody else holds it"
    await following.follow_once(runtime)
    assert await world.do("members", cohort) == {ada}


async def test_who_wrote_before_the_cohort_was_known_is_waited_for(world, runtime) -> None:
    await world.do("person", plan="free")
    writing = runtime.sessions()
    async with writing, writing.begin():
        world.session = writing
        ada = await world.person(plan="pro")
        cohort = await world.do("cohort", person("plan", "pro"))
        calculation = asyncio.create_task(calculate_next(runtime))
        await asyncio.sleep(0.2)
        assert not calculation.done()
    assert await calculation
    assert await world.do("members", cohort) == {ada}


async def test_the_loops_follow_by_themselves(world, runtime) -> None:
    ada = await world.do("person", plan="free")
    tasks = [asyncio.create_task(task(runtime)) for task in engine.BACKGROUND]
    try:
        cohort = await world.do("cohort", person("plan", "pro"))
        await until(lambda: world.do("reread", cohort), lambda row: row.calculated_version == 1)
        await world.do("change", ada, {"plan": "pro"}, "plan")
        await until(lambda: world.do("members", cohort), lambda members: members == {ada})
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    assert await state(world, cohort) == (1, 1, 1)
    assert await world.do("runs", cohort) == [(1, 0, None)], "the change is followed, not calculated again"


async def until(look, fits) -> None:
    async with asyncio.timeout(10):
        while not fits(await look()):
            await asyncio.sleep(0.02)
