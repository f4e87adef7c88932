"""Erasing a person: roles, grants and attributes go, the login stays known as disabled, others keep what they have."""

from uuid import uuid4

from authz.changes import changes_of
from authz.erasure import PLAN
from authz.index.facts import Facts
from authz.roles import commands
from chassis.erasure import Person
from chassis.erasure.carrying_out import carry_out
from contracts.authz import RoleUserRemoved
from contracts.erasure import UserErased
from contracts.orgs import IndividualErased, IndividualRegistered
from sqlalchemy import text
from testkit.erasure import left_of


async def test_what_names_the_person_goes(session, outbox):
    organization, user, other, individual = (uuid4() for _ in range(4))
    role = await commands.ensure(session, organization, commands.ADMIN)
    for one in (user, other):
        await commands.give(session, role, one)
        values = {"organization": organization, "user": one}
        await session.execute(text("INSERT INTO organization_staff VALUES (:organization, :user)"), values)
    await session.execute(
        text("INSERT INTO individuals (id, organization_id, user_id) VALUES (:id, :organization, :user)"),
        {"id": individual, "organization": organization, "user": user},
    )
    await session.execute(
        text("INSERT INTO individual_attributes (individual_id, first_name) VALUES (:id, 'quetzalcoatlus')"),
        {"id": individual},
    )
    person = Person(user_id=user, individual_ids=[individual])
    counts = await carry_out(session, PLAN, person)
    assert (counts["role_users"], counts["organization_staff"], counts["individuals"]) == (1, 1, 1)
    assert await left_of(session, "quetzalcoatlus") == []
    rows = {table for table, _ in await left_of(session, str(user))}
    assert rows <= {"outbox", "aggregate_versions", "users"} | {table for table in rows if table.startswith("outbox")}
    removed = [event for event in await outbox() if isinstance(event, RoleUserRemoved)]
    assert [event.user_id for event in removed] == [user]
    assert await left_of(session, str(other)) != []


def test_the_index_forgets_whose_an_individual_was():
    organization, user, individual = uuid4(), uuid4(), uuid4()
    registered = IndividualRegistered(
        individual_id=individual,
        owner_id=organization,
        owner_type="organization",
        organization_id=organization,
        user_id=user,
    )
    facts = Facts()
    for event in (registered, IndividualErased(individual_id=individual), UserErased(user_id=user)):
        for change in changes_of(event):
            words = [str(part) if part is not None and not isinstance(part, bool) else part for part in change]
            (facts.set_individual if len(words) == 4 else facts.set_user)(*words)
    who, what = facts.users.number(str(user)), facts.individuals.number(str(individual))
    assert who in facts.users.disabled
    assert list(facts.users.own[who] or ()) == []
    assert facts.individuals.organization[what] == facts.individuals.user[what]
