"""Attributes are read from orgs after an event, stored, announced, and brought into the index."""

from datetime import date

import pytest
from authz.base_facts.apply import apply
from authz.follow import read_flags
from authz.individual_attributes import commands
from authz.individual_attributes.following import read_some
from authz.individual_attributes.models import IndividualAttributes
from contracts import orgs
from contracts.authz import AttributesStored
from deliveries import empty_replica, versioned
from kernel import Unavailable, uuid7
from wire import entries


async def happen(session, *events):
    await apply(session, "orgs", entries(versioned(events)))
    await session.flush()


def registered(individual, user=None):
    return orgs.IndividualRegistered(
        individual_id=individual, owner_id=uuid7(), owner_type="organization", user_id=user
    )


async def stored(session, individual):
    session.expire_all()
    return await session.get(IndividualAttributes, individual)


async def test_read_stored_and_announced(app, session, outbox, orgs_knows):
    one, two = uuid7(), uuid7()
    orgs_knows[str(one)] = {
        "first-name": "Ivy",
        "last-name": "Öz",
        "birth-date": "1990-02-28",
        "email": "Ivy@Home.test",
        "phone": "+4930123",
        "email-verified": True,
        "account-type": "provider",
    }
    await happen(session, registered(one), registered(two))
    assert (await stored(session, one)).wanted_at is not None
    assert await read_some(app.state.runtime) == 2
    row = await stored(session, one)
    assert (row.first_name, row.last_name, row.birth_date) == ("ivy", "öz", date(1990, 2, 28))
    assert (row.email, row.phone, row.email_verified, row.registered) == ("ivy@home.test", "+4930123", True, False)
    assert (row.provider, row.wanted_at) == (True, None)
    assert await stored(session, two) is None
    told = (await outbox())[-1]
    assert isinstance(told, AttributesStored)
    assert set(told.individual_ids) == {one, two}
    assert await read_some(app.state.runtime) == 0
    replica = empty_replica()
    await read_flags(app.state.runtime, replica, entries(versioned([told])))
    number = replica.facts.individuals.find(str(one))
    assert {name for name, known in replica.facts.individuals.flags.items() if number in known} == {
        "email_verified",
        "provider",
    }
    await commands.forget(session, [one])
    await read_flags(app.state.runtime, replica, entries(versioned([(await outbox())[-1]])))
    assert all(number not in known for known in replica.facts.individuals.flags.values())


async def test_whoever_becomes_staff_is_read_again(app, session, orgs_knows):
    one, user, place = uuid7(), uuid7(), uuid7()
    orgs_knows[str(one)] = {}
    await happen(session, registered(one, user))
    await read_some(app.state.runtime)
    orgs_knows[str(one)] = {"account-type": "provider"}
    joined = orgs.OrganizationUserAdded(organization_id=place, user_id=user, account_type="provider")
    await happen(session, joined)
    assert (await stored(session, one)).wanted_at is not None
    await read_some(app.state.runtime)
    assert (await stored(session, one)).provider is True


async def test_a_change_while_orgs_is_asked_is_read_once_more(app, session, orgs_knows):
    one = uuid7()
    orgs_knows[str(one)] = {"first-name": "Old"}
    await happen(session, registered(one))

    async def change():
        await commands.want(session, [one])

    orgs_knows["before"] = change
    await read_some(app.state.runtime)
    row = await stored(session, one)
    assert row.first_name == "old"
    assert row.wanted_at is not None
    orgs_knows["before"] = None
    orgs_knows[str(one)] = {"first-name": "New"}
    assert await read_some(app.state.runtime) == 1
    row = await stored(session, one)
    assert (row.first_name, row.wanted_at) == ("new", None)


async def test_while_orgs_is_away_it_stays_wanted(app, session, people):
    one = uuid7()
    await happen(session, registered(one))
    with pytest.raises(Unavailable):
        await read_some(app.state.runtime)
    assert (await stored(session, one)).wanted_at is not None
