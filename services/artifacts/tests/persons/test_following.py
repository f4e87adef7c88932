"""A profile's person says what the profile says."""

from importlib import import_module
from uuid import UUID, uuid4

from artifacts.cohorts import members
from artifacts.cohorts.calculations.models import CohortMention
from artifacts.cohorts.learning.models import Completion
from artifacts.cohorts.models import Cohort
from artifacts.erasure import PLAN
from artifacts.persons.identifiers import captured_id, captured_id_sql
from artifacts.persons.models import Person, PersonDistinctId
from artifacts_capturing import event, project_of
from chassis.erasure import Person as Erased
from chassis.erasure.carrying_out import carry_out
from contracts.authz import RoleUserAdded
from contracts.identity import UserDisabled, UserUpdated
from contracts.orgs import GroupUpdated, OrganizationUserRemoved
from kernel import now
from sqlalchemy import select, text
from testkit.erasure import left_of


async def _person(world, key: UUID) -> Person:
    statement = select(Person).where(Person.id == key).execution_options(populate_existing=True)
    return (await world.session.scalars(statement)).one()


async def _names(world, key: UUID) -> set[str]:
    return set(
        await world.session.scalars(select(PersonDistinctId.distinct_id).where(PersonDistinctId.person_id == key))
    )


async def test_a_new_profile_has_a_person(world):
    ann = await world.person("Ann", username="ann-1", tz="Europe/Oslo", tz_explicit=True)
    person = await _person(world, ann.id)
    assert person.is_identified
    assert person.properties == {
        "email": "ann@example.org",
        "name": "Ann Doe",
        "first_name": "Ann",
        "last_name": "Doe",
        "username": "ann-1",
        "user_id": str(ann.user_id),
        "account_type": "provider",
        "role": "member",
        "department_ids": [],
        "departments": [],
        "is_active": True,
        "is_in_use": True,
        "has_login": True,
    }
    assert await _names(world, ann.id) == {str(ann.user_id), "ann@example.org", "ann-1"}


async def test_whatever_changes_a_profile_changes_its_person(world):
    ann = await world.person("Ann")
    ward = await world.department("Ward", ann)
    assert (await _person(world, ann.id)).properties["departments"] == ["Ward"]
    renamed = {"group_id": ward, "organization_id": world.organization, "name": "Unit", "is_active": True}
    await world.happen(GroupUpdated(**renamed, node_type="division"))
    assert (await _person(world, ann.id)).properties["departments"] == ["Unit"]
    world.identity.users[str(ann.user_id)] |= {"first-name": "Anna", "email": "anna@example.org"}
    await world.happen(
        UserUpdated(user_id=ann.user_id),
        RoleUserAdded(role_id=uuid4(), user_id=ann.user_id, organization_id=world.organization, name="org.admin"),
        UserDisabled(user_id=ann.user_id, ended_at=now()),
    )
    told = (await _person(world, ann.id)).properties
    assert (told["first_name"], told["email"], told["role"]) == ("Anna", "anna@example.org", "admin")
    assert await _names(world, ann.id) == {str(ann.user_id), "anna@example.org"}
    made = await world.post("profiles/create", {"profiles": [{"name": "Una", "email": "una@example.org"}]})
    una = UUID(made["results"][0]["profile_id"])
    assert (await _person(world, una)).properties["has_login"] is False
    await world.post("profiles/update", {"profiles": [{"profile_id": str(una), "name": "Unna"}]})
    assert (await _person(world, una)).properties["name"] == "Unna"
    await world.post("profiles/delete", {"profile_ids": [str(una)]})
    assert (await _person(world, una)).removed_at is not None
    assert await _names(world, una) == set()
    await world.happen(OrganizationUserRemoved(organization_id=world.organization, user_id=ann.user_id))
    assert (await _person(world, ann.id)).removed_at is not None


async def test_cohorts_that_mention_what_changed_hear_of_it(world, session):
    cohort = Cohort(organization_id=world.organization, number=91, is_static=False)
    session.add(cohort)
    await session.flush()
    for kind, name in (("property", "role"), ("any", "*"), ("event", "bought")):
        session.add(CohortMention(organization_id=world.organization, kind=kind, name=name, cohort_id=cohort.id))
    await session.flush()

    async def noted() -> list[tuple]:
        rows = await session.execute(text("DELETE FROM cohort_changes RETURNING person_id, kind, name"))
        return sorted((row.person_id, row.kind, row.name) for row in rows)

    ann = await world.person("Ann")
    assert await noted() == [(ann.id, "any", "*")]
    ann.assigned_role = "instructor"
    await session.flush()
    await world.happen(
        RoleUserAdded(role_id=uuid4(), user_id=ann.user_id, organization_id=world.organization, name="org.other")
    )
    assert await noted() == [(ann.id, "property", "role")]
    project = await project_of(world, world.organization, 41)
    await project.sent(event("bought", "ann@example.org"), event("seen", "ann@example.org", **{"$set": {"x": 1}}))
    assert await noted() == [(ann.id, "event", "bought")]
    await project.sent(event("seen", "visitor"))
    visitor = (await project.person("visitor")).id
    assert await noted() == [(visitor, "any", "*")]
    await project.sent(event("$identify", "ann@example.org", properties={"$anon_distinct_id": "visitor"}))
    assert await noted() == [(ann.id, "any", "*")]


async def test_who_is_merged_stays_in_cohorts_once(world, session):
    project = await project_of(world, world.organization, 41)
    await project.sent(event("seen", "one"), event("seen", "two"))
    one, two = (await project.person("one")).id, (await project.person("two")).id
    ann = await world.person("Ann")
    both = await world.cohort("Both", profile_ids=[str(ann.id)])
    alone = await world.cohort("Alone")
    await members.enter(session, world.organization, {both: [one], alone: [one, two]}, "csv")
    await world.post("cohorts/refresh", {})
    for person, sessions in ((one, (1, 2)), (two, (2, 3)), (ann.id, (1,))):
        session.add_all(
            Completion(
                organization_id=world.organization,
                cohort_id=UUID(alone),
                profile_id=person,
                session=number,
                pct=100,
                completed_at=now(),
            )
            for number in sessions
        )
    await session.flush()
    for name in ("one", "two"):
        await project.sent(event("$identify", str(ann.user_id), properties={"$anon_distinct_id": name}))
    rows = text("SELECT cohort_id::text, profile_id FROM cohort_members WHERE until IS NULL")
    assert {tuple(row) for row in await session.execute(rows)} == {(both, ann.id), (alone, ann.id)}
    done = text("SELECT profile_id, session FROM cohort_completions ORDER BY session")
    assert [tuple(row) for row in await session.execute(done)] == [(ann.id, 1), (ann.id, 2), (ann.id, 3)]
    counts = text("SELECT id::text, member_count FROM cohorts")
    assert dict(tuple(row) for row in await session.execute(counts)) == {both: 1, alone: 1}
    times = text("SELECT profile_id, times FROM profile_cohorts WHERE times > 0")
    assert [tuple(row) for row in await session.execute(times)] == [(ann.id, 2)]


async def test_captured_people_are_erased_with_the_person(world, session):
    mark = "quetzalcoatlus"
    project = await project_of(world, world.organization, 41)
    await project.sent(
        event("seen", f"{mark}@example.org"),
        event("seen", "another device", **{"$set": {"email": f"{mark.upper()}@example.org"}}),
        event("seen", mark, properties={"$process_person_profile": False}),
        event("seen", "stays"),
    )
    who = Erased(addresses=[f"{mark}@example.org", mark])
    counts = await carry_out(session, PLAN, who)
    assert (counts["persons"], counts["events"]) == (2, 3)
    assert await left_of(session, mark) == []
    assert [one.distinct_id for one in await project.events()] == ["stays"]
    assert await carry_out(session, PLAN, who) == {}


async def test_the_database_gives_the_same_ids(world, session):
    organization, name = uuid4(), "é ann@example.org"
    sql = text(f"SELECT {captured_id_sql('CAST(:organization AS uuid)', 'CAST(:name AS text)')}")
    found = await session.scalar(sql, {"organization": organization, "name": name})
    assert found == captured_id(organization, name)
    assert found.version == 8


async def test_profiles_that_were_there_before_have_the_same_persons(world, session):
    migration = import_module("artifacts.migrations.versions.0005_persons")
    ann = await world.person("Ann", username="ann-1")
    await world.department("Ward", ann)
    await world.post("profiles/create", {"profiles": [{"name": "Una", "email": "una@example.org"}]})
    carried = (await session.execute(text(migration.OF_PROFILES))).all()
    kept = (await session.execute(text("SELECT id, properties FROM persons"))).all()
    assert {row[0]: row[-1] for row in carried} == dict(tuple(row) for row in kept)
    assert len(carried) == 2
    known = (await session.execute(text(migration.DISTINCT_IDS))).all()
    names = text("SELECT distinct_id, person_id FROM person_distinct_ids WHERE distinct_id <> 'ann-1'")
    assert {(row[1], row[2]) for row in known} == {tuple(row) for row in await session.execute(names)}
