"""The statements that filters become find exactly the persons whom plain Python finds."""

from uuid import uuid4

from artifacts.cohorts.filters.compiling import whole
from artifacts.cohorts.filters.judging import PERSONS, judged
from artifacts.cohorts.filters.parsing import parse
from artifacts.cohorts.filters.values import Statement, Values
from artifacts.cohorts.models import Cohort, CohortMember
from filter_meaning import belongs
from filter_worlds import MOMENTS, filters, keep, persons
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncSession

NESTED = (1, 2)


@st.composite
def worlds(draw):
    now = draw(st.sampled_from(MOMENTS))
    people = draw(st.lists(persons(now), min_size=1, max_size=8))
    inside = [draw(st.lists(st.sampled_from(people), max_size=4)) for _ in NESTED]
    return now, people, inside, draw(st.lists(filters(NESTED), min_size=1, max_size=6))


async def run(session: AsyncSession, statement: Statement, now, persons=None):
    connection = await session.connection()
    values = [persons if one is PERSONS else one for one in statement.bind(now)]
    return (await connection.exec_driver_sql(statement.sql, tuple(values))).all()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds())
async def test_the_engine_finds_whom_python_finds(session: AsyncSession, world) -> None:
    now, people, inside, chosen = world
    organization = uuid4()
    async with session.begin_nested() as savepoint:
        known = await keep(session, organization, people)
        ids = {id(one): key for key, one in known.items()}
        for number, members in zip(NESTED, inside, strict=True):
            cohort = Cohort(organization_id=organization, number=number)
            session.add(cohort)
            await session.flush()
            found = {ids[id(one)] for one in members}
            session.add_all([CohortMember(cohort_id=cohort.id, profile_id=one, source="hand") for one in found])
        await session.flush()
        members = dict(zip(NESTED, inside, strict=True))
        groups = [parse(one, is_static=False) for one in chosen]
        expected = [{key for key, one in known.items() if belongs(group, one, now, members)} for group in groups]
        for group, people_of_it in zip(groups, expected, strict=True):
            found = await run(session, whole(group, organization), now)
            assert sorted(row.id for row in found) == sorted(people_of_it)
        cohorts = [(uuid4(), group) for group in groups]
        values = Values()
        sql = judged(cohorts, organization, values)
        rows = await run(session, values.statement(sql), now, list(known))
        found = {(row.cohort_id, row.person_id) for row in rows if row.belongs}
        assert found == {(cohort[0], key) for cohort, some in zip(cohorts, expected, strict=True) for key in some}
        await savepoint.rollback()
    session.expunge_all()
