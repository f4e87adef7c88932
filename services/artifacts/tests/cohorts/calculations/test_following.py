"""Members follow persons, events and the clock, and are at each moment those whom plain Python finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from artifacts.cohorts.filters.parsing import parse
from engine_world import Engine, did, person, within
from filter_meaning import Event, Person, belongs
from filter_worlds import EVENTS, KEYS, MOMENTS, filters, held, instants, persons
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

NOW = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
DUE = text("SELECT due_at FROM cohort_schedules WHERE cohort_id = :cohort_id")


@pytest.fixture
async def engine(app, session) -> Engine:
    return Engine(app.state.runtime, session)


async def runs(engine: Engine) -> int:
    return await engine.session.scalar(text("SELECT count(*) FROM cohort_calculations"))


async def test_a_changed_property_moves_one_person(engine: Engine) -> None:
    ada, bo = await engine.person(plan="free"), await engine.person(plan="pro")
    cohort = await engine.cohort(person("plan", "pro"))
    other = await engine.cohort(person("age", "1", "gt"))
    await engine.settle()
    before = await runs(engine)
    await engine.change(ada, {"plan": "pro"}, "plan")
    kept = (await engine.session.execute(text("SELECT kind, name FROM cohort_changes"))).all()
    assert [tuple(row) for row in kept] == [("property", "plan")]
    await engine.settle()
    assert await engine.members(cohort) == {ada, bo}
    await engine.change(bo, {"plan": "free"}, "plan", "unheard-of")
    await engine.settle()
    assert await engine.members(cohort) == {ada}
    assert (await engine.reread(cohort)).member_count == 1
    assert await engine.members(other) == set()
    assert await runs(engine) == before


async def test_what_nobody_mentions_leaves_nothing(engine: Engine) -> None:
    ada = await engine.person(plan="free")
    await engine.cohort(person("plan", "pro"))
    await engine.settle()
    await engine.change(ada, {"plan": "free", "colour": "red"}, "colour")
    await engine.did(ada, "unheard-of", NOW)
    assert await engine.session.scalar(text("SELECT count(*) FROM cohort_changes")) == 0


async def test_somebody_new_and_somebody_who_did_something(engine: Engine) -> None:
    viewers = await engine.cohort(did("view"))
    others = await engine.cohort(did("view", negation=True))
    named = await engine.cohort(within(viewers, negation=True))
    await engine.settle(NOW)
    ada = await engine.person()
    await engine.settle(NOW)
    assert [await engine.members(one) for one in (viewers, others, named)] == [set(), {ada}, {ada}]
    await engine.did(ada, "view", NOW)
    await engine.settle(NOW)
    assert [await engine.members(one) for one in (viewers, others, named)] == [{ada}, set(), set()]


async def test_a_window_runs_out_to_the_second(engine: Engine, outbox) -> None:
    cohort = await engine.cohort(did("view", 7))
    named = await engine.cohort(within(cohort, negation=True))
    ada = await engine.person(Event("view", NOW - 3 * DAY, {}))
    bo = await engine.person(Event("view", NOW - 6 * DAY, {}))
    await engine.settle(NOW)
    assert await engine.members(cohort) == {ada, bo}
    for who, left in ((bo, NOW + DAY), (ada, NOW + 4 * DAY)):
        due = await engine.session.scalar(DUE, {"cohort_id": cohort.id})
        assert left <= due < left + SECOND
        await engine.settle(left - SECOND)
        assert who in await engine.members(cohort)
        await engine.settle(due)
        assert who not in await engine.members(cohort)
        assert who in await engine.members(named)
    assert await engine.session.scalar(DUE, {"cohort_id": cohort.id}) is None
    assert await engine.members_at(cohort, NOW + DAY - SECOND) == {ada, bo}
    assert await engine.members_at(cohort, NOW + 2 * DAY) == {ada}
    assert await engine.members_at(cohort, NOW + 5 * DAY) == set()


async def test_periods_end_at_midnight(engine: Engine) -> None:
    leaf = did("view", 1, value="performed_event_regularly", operator="gte", operator_value=1, total_periods=2)
    cohort = await engine.cohort(leaf | {"min_periods": 1})
    ada = await engine.person(Event("view", NOW, {}))
    await engine.settle(NOW)
    assert await engine.members(cohort) == set()
    tomorrow = datetime(2026, 5, 7, tzinfo=UTC)
    await engine.settle(tomorrow - SECOND)
    assert await engine.members(cohort) == set()
    await engine.settle(tomorrow)
    assert await engine.members(cohort) == {ada}
    await engine.settle(tomorrow + 2 * DAY)
    assert await engine.members(cohort) == set()


async def test_dates_grow_old(engine: Engine) -> None:
    fresh = await engine.cohort(person("joined", "-30d", "is_date_after"))
    old = await engine.cohort(person("joined", "-30d", "is_date_before"))
    ada = await engine.person(joined="2026-04-20")
    await engine.settle(NOW)
    bo = await engine.person(joined="2026-04-10", plan="pro")
    await engine.settle(NOW)
    assert await engine.members(fresh) == {ada, bo}
    await engine.settle(datetime(2026, 5, 10, 0, 0, 1, tzinfo=UTC))
    assert [await engine.members(one) for one in (fresh, old)] == [{ada}, {bo}]
    await engine.change(ada, {"joined": "2026-04-11"}, "joined")
    await engine.settle(datetime(2026, 5, 10, 0, 0, 2, tzinfo=UTC))
    assert await engine.session.scalar(DUE, {"cohort_id": fresh.id}) < datetime(2026, 5, 11, 0, 0, 1, tzinfo=UTC)
    await engine.settle(datetime(2026, 5, 11, 0, 0, 1, tzinfo=UTC))
    assert [await engine.members(one) for one in (fresh, old)] == [set(), {ada, bo}]


async def test_somebody_removed_is_in_no_cohort(engine: Engine) -> None:
    ada = await engine.person(plan="pro")
    cohort = await engine.cohort(person("plan", "free", negation=True))
    await engine.settle()
    assert await engine.members(cohort) == {ada}
    await engine.session.execute(text("UPDATE persons SET removed_at = now() WHERE id = :id"), {"id": ada})
    await engine.change(ada, {"plan": "pro"}, "*")
    await engine.settle()
    assert await engine.members(cohort) == set()


async def test_a_cohort_that_cannot_be_judged_holds_nobody_up(engine: Engine) -> None:
    await engine.person(plan="free")
    good = await engine.cohort(person("plan", "pro"))
    bad = await engine.cohort(person("plan", "^*", "regex"), person("plan", operator="is_set"))
    await engine.settle()
    assert "pattern" in ((await engine.reread(bad)).last_error_message or "")
    await engine.session.execute(text("UPDATE cohorts SET calculated_version = pending_version"))
    ada = await engine.person(plan="pro")
    await engine.settle()
    assert await engine.members(good) == {ada}
    assert (await engine.reread(bad)).errors_calculating == 2


@st.composite
def histories(draw: Any) -> Any:
    """Cohorts, of which later ones may name earlier ones, and what happens to persons as time goes on."""
    now = draw(st.sampled_from(MOMENTS))
    cohorts = [draw(filters(tuple(range(1, number)))) for number in range(1, draw(st.integers(2, 5)))]
    steps = st.one_of(
        st.tuples(st.just("person"), persons(now)),
        st.tuples(st.just("property"), st.integers(0, 20), st.sampled_from(KEYS), held()),
        st.tuples(st.just("event"), st.integers(0, 20), st.sampled_from(EVENTS), instants(now), held()),
        st.tuples(st.just("time"), st.sampled_from((SECOND, timedelta(hours=17), DAY, 7 * DAY, 40 * DAY))),
        st.tuples(st.just("filters"), st.integers(0, 20)),
    )
    return now, draw(st.lists(persons(now), min_size=1, max_size=4)), cohorts, draw(st.lists(steps, max_size=8))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(histories())
async def test_members_are_always_those_whom_python_finds(app, session, history) -> None:
    now, people, chosen, steps = history
    engine = Engine(app.state.runtime, session)
    async with session.begin_nested() as savepoint:
        known = await engine.people(*people)
        cohorts = [await engine.cohort(one["properties"]) for one in chosen]
        groups = [parse(one.filters, is_static=False) for one in cohorts]
        past = []
        for step in [None, *steps]:
            if step is not None:
                now = await happen(engine, known, cohorts, step, now)
            await engine.settle(now)
            inside: dict[int, list[Person]] = {}
            for cohort, group in zip(cohorts, groups, strict=True):
                expected = {key for key, one in known.items() if belongs(group, one, now, inside)}
                assert await engine.members(cohort) == expected
                assert (await engine.reread(cohort)).member_count == len(expected)
                inside[cohort.number] = [known[key] for key in expected]
                past.append((cohort, now, expected))
            now += timedelta(microseconds=1)
        for cohort, at, expected in past:
            assert await engine.members_at(cohort, at) == expected
        await savepoint.rollback()
    session.expunge_all()


async def happen(engine: Engine, known: dict[Any, Person], cohorts: list[Any], step: Any, now: datetime) -> datetime:
    """Let one thing happen; returns what time it is then."""
    key = list(known)[step[1] % len(known)] if isinstance(step[1], int) else None
    match step:
        case ("person", one):
            known |= await engine.people(Person(one.properties, one.events))
        case ("property", _, name, value):
            known[key].properties[name] = value
            await engine.change(key, known[key].properties, name)
        case ("event", _, name, at, value):
            known[key].events.append(Event(name, at, {"kind": value}))
            await engine.did(key, name, at, kind=value)
        case ("time", passed):
            return now + passed
        case ("filters", place):
            cohort = cohorts[place % len(cohorts)]
            await engine.refilter(cohort, cohort.filters["properties"])
    return now
