"""Erasing a person: what goes, what others hear, and who stays."""

from artifacts.cohorts.models import Cohort
from artifacts.erasure import PLAN
from chassis.erasure import Person
from chassis.erasure.carrying_out import carry_out, export
from contracts.artifacts import CohortUpdated
from sqlalchemy import select
from testkit.erasure import left_of

MARK = "Quetzalcoatlus"


async def test_nothing_of_the_person_is_left(world, session, outbox):
    person = await world.person(MARK)
    other = await world.person("Stay")
    await world.department("Ward", person)
    cohort = await world.cohort("Together", profile_ids=[str(person.id), str(other.id)])
    user, profile = person.user_id, person.id
    await world.post("profiles/get", {"target_profile_id": str(profile)})
    await world.post("profiles/create", {"profiles": [{"name": "Stay Doe", "email": "stay@example.org"}]})
    acting = await world.post("profiles/emulate", {"target_profile_id": str(profile)})
    assert acting["allowed"]
    who = Person(user_id=user, addresses=[f"{MARK.lower()}@example.org"])
    assert (await export(session, PLAN, who))["profiles"][0]["first_name"] == MARK
    counts = await carry_out(session, PLAN, who)
    assert (counts["profiles"], counts["cohort_members"], counts["texts"], counts["emulations"]) == (1, 1, 2, 1)
    assert await left_of(session, MARK) == []
    row = (await session.scalars(select(Cohort).execution_options(populate_existing=True))).one()
    assert (str(row.id), row.member_count) == (cohort, 1)
    assert any(isinstance(event, CohortUpdated) for event in await outbox())
    assert str(profile) not in str(await left_of(session, "Stay"))
    assert await carry_out(session, PLAN, who) == {}


async def test_staff_who_were_participants_keep_their_profile(world, session):
    person = await world.person("Ann")
    individual = person.id
    person.individual_id = individual
    await session.flush()
    await carry_out(session, PLAN, Person(individual_ids=[individual]))
    kept = await world.profile(person.user_id)
    assert (kept.name, kept.individual_id) == ("Ann Doe", None)
