"""Whole calculations: what they find, their order, their failures."""

from datetime import timedelta

import pytest
from artifacts.cohorts.calculations.models import CohortCalculation
from artifacts.cohorts.models import Cohort
from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from engine_world import Engine, did, person, within
from filter_meaning import Event
from kernel import Invalid, now
from sqlalchemy import select, text


@pytest.fixture
async def engine(app, session) -> Engine:
    return Engine(app.state.runtime, session)


async def test_a_cohort_is_calculated(engine: Engine, outbox) -> None:
    ada, bo = await engine.person(plan="pro"), await engine.person(plan="free")
    cohort = await engine.cohort(person("plan", "pro"))
    assert cohort.pending_version == 1
    await engine.settle()
    assert await engine.members(cohort) == {ada}
    row = await engine.reread(cohort)
    assert (row.calculated_version, row.pending_version, row.member_count) == (1, 1, 1)
    assert row.last_calculation is not None
    assert row.lease_until is None
    entered = [event for event in await outbox() if isinstance(event, CohortMemberEntered)]
    assert [(event.cohort_id, event.person_ids) for event in entered] == [(cohort.id, (ada,))]
    await engine.refilter(cohort, person("plan", "free"))
    await engine.settle()
    assert await engine.members(cohort) == {bo}
    left = [event for event in await outbox() if isinstance(event, CohortMemberLeft)]
    assert [event.person_ids for event in left] == [(ada,)]
    runs = list(await engine.session.scalars(select(CohortCalculation).order_by(CohortCalculation.version)))
    assert [(run.version, run.count, run.entered, run.ended, run.error) for run in runs] == [
        (1, 1, 1, 0, None),
        (2, 1, 1, 1, None),
    ]
    assert all(run.finished_at is not None and run.main_query for run in runs)


async def test_everybody_but_those_who_did(engine: Engine) -> None:
    ada, bo = await engine.person(Event("view", now(), {})), await engine.person()
    cohort = await engine.cohort(did("view", negation=True))
    seldom = await engine.cohort(did("view", value="performed_event_multiple", operator="lte", operator_value=1))
    await engine.settle()
    assert await engine.members(cohort) == {bo}
    assert await engine.members(seldom) == {ada, bo}


async def test_those_that_name_a_cohort_follow_it_in_order(engine: Engine) -> None:
    ada = await engine.person(plan="pro", age=40)
    base = await engine.cohort(person("plan", "pro"))
    left = await engine.cohort(within(base), person("age", 30, "gt"))
    right = await engine.cohort(within(base, negation=True))
    top = await engine.cohort(within(left), within(right), kind="OR")
    await engine.settle()
    assert [await engine.members(one) for one in (base, left, right, top)] == [{ada}, {ada}, set(), {ada}]
    await engine.refilter(base, person("plan", "free"))
    waiting = [(await engine.reread(one)).pending_version for one in (base, left, right, top)]
    assert waiting == [2, 2, 2, 2]
    await engine.settle()
    assert [await engine.members(one) for one in (base, left, right, top)] == [set(), set(), {ada}, {ada}]
    runs = await engine.session.execute(
        text("SELECT cohort_id FROM cohort_calculations WHERE version = 2 ORDER BY started_at, id")
    )
    order = list(runs.scalars())
    assert order[0] == base.id
    assert order[-1] == top.id
    assert len(order) == 4


async def test_a_loop_of_three_is_refused(engine: Engine) -> None:
    one = await engine.cohort(person("plan", "pro"))
    two = await engine.cohort(within(one))
    three = await engine.cohort(within(two))
    with pytest.raises(Invalid, match="in a loop"):
        await engine.refilter(one, within(three))
    with pytest.raises(Invalid, match="in a loop"):
        await engine.refilter(two, within(two))


async def test_a_cohort_that_is_not_there(engine: Engine) -> None:
    with pytest.raises(Invalid, match="Invalid Cohort ID in filter"):
        await engine.cohort(within(Cohort(number=77)))


@pytest.mark.parametrize(
    ("leaf", "message"),
    [
        (did("view", event_type="actions"), "Actions are not known"),
        (person("plan", "x", "sounds_like"), "The operator 'sounds_like' is not known"),
        (did("view", time_value=None), "needs time_value"),
        (did("view", value="performed_event_multiple"), "needs operator_value"),
        ({"type": "AND", "values": []}, "A group has no conditions"),
    ],
    ids=["action", "operator", "window", "count", "empty"],
)
async def test_what_cannot_be_calculated_says_why(engine: Engine, leaf, message: str) -> None:
    cohort = await engine.cohort(leaf)
    await engine.settle()
    row = await engine.reread(cohort)
    assert message in (row.last_error_message or "")
    assert (row.errors_calculating, row.calculated_version, row.lease_until) == (1, None, None)
    run = (await engine.session.scalars(select(CohortCalculation))).one()
    assert run.error == row.last_error_message
    retry = await engine.session.scalar(text("SELECT retry_at - clock_timestamp() FROM cohort_schedules"))
    assert timedelta(minutes=59) < retry <= timedelta(hours=1)
    await engine.session.execute(text("UPDATE cohort_schedules SET retry_at = clock_timestamp()"))
    await engine.settle()
    assert (await engine.reread(cohort)).errors_calculating == 2
    await engine.refilter(cohort, person("plan", "pro"))
    await engine.settle()
    row = await engine.reread(cohort)
    assert (row.errors_calculating, row.last_error_message, row.calculated_version) == (0, None, 2)


async def test_a_deleted_cohort_has_nobody_and_says_so(engine: Engine) -> None:
    await engine.person(plan="pro")
    base = await engine.cohort(person("plan", "pro"))
    cohort = await engine.cohort(within(base))
    await engine.settle()
    base.deleted_at = now()
    await engine.refilter(cohort, within(base))
    await engine.settle()
    assert await engine.members(cohort) == set()
    assert "were deleted: 1" in ((await engine.reread(cohort)).last_error_message or "")


async def test_a_static_cohort_only_gains(engine: Engine) -> None:
    ada = await engine.person(plan="pro")
    cohort = await engine.cohort(person("plan", "pro"))
    cohort.is_static = True
    await engine.refilter(cohort, person("plan", "pro"))
    await engine.settle()
    bo = await engine.person(plan="free")
    await engine.refilter(cohort, person("plan", "free"))
    await engine.settle()
    assert await engine.members(cohort) == {ada, bo}
    assert (await engine.reread(cohort)).member_count == 2


async def test_many_who_enter_are_announced_in_few_events(engine: Engine, outbox) -> None:
    await engine.session.execute(
        text("INSERT INTO persons (id, organization_id) SELECT gen_random_uuid(), :o FROM generate_series(1, 12345)"),
        {"o": engine.organization},
    )
    cohort = await engine.cohort(person("plan", operator="is_not_set"))
    await engine.settle()
    entered = [event for event in await outbox() if isinstance(event, CohortMemberEntered)]
    assert len(entered) == 13
    assert {one for event in entered for one in event.person_ids} == await engine.members(cohort)
    await engine.refilter(cohort, person("plan", operator="is_set"))
    await engine.settle()
    left = [event for event in await outbox() if isinstance(event, CohortMemberLeft)]
    assert sum(len(event.person_ids) for event in left) == 12345
    assert await engine.session.scalar(text("SELECT count(*) FROM member_announcements")) == 0


async def test_another_tenant_s_persons_are_nobody_s(engine: Engine) -> None:
    other = Engine(engine.runtime, engine.session)
    await other.person(Event("view", now(), {}), plan="pro")
    cohorts = [
        await engine.cohort(person("plan", "pro")),
        await engine.cohort(did("view")),
        await engine.cohort(did("buy", negation=True)),
    ]
    await engine.settle()
    assert [await engine.members(one) for one in cohorts] == [set(), set(), set()]
