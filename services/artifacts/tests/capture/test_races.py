"""Many at once, over connections of their own."""

from uuid import uuid4

import artifacts.organizations.commands as organizations
import msgspec
from artifacts.capture.writing import Writer
from artifacts.events.captured import Captured
from artifacts.persons.commands import follow_profiles
from artifacts.profiles.models import Profile
from contracts.orgs import OrganizationCreated
from kernel import now, uuid7
from sqlalchemy import text
from testkit.races import race


async def _project(live) -> tuple[str, object]:
    organization = uuid4()
    async with live.app.state.runtime.sessions.begin() as session:
        number = organization.int % 10**9
        event = OrganizationCreated(
            organization_id=organization, number=number, name=str(organization), display_name="O"
        )
        await organizations.create(session, event)
        found = text("SELECT capture_token FROM organizations WHERE id = :id")
        return (await session.execute(found, {"id": organization})).scalar_one(), organization


async def _rows(live, statement: str, organization):
    async with live.app.state.runtime.sessions() as session:
        return (await session.execute(text(statement), {"organization_id": organization})).all()


PERSONS = "SELECT id, properties FROM persons WHERE organization_id = :organization_id"
LOST = """
SELECT e.id FROM events e LEFT JOIN person_distinct_ids d USING (organization_id, distinct_id)
 WHERE e.organization_id = :organization_id AND d.person_id IS DISTINCT FROM e.person_id
"""


async def _send(live, token: str, *events) -> None:
    body = msgspec.json.encode({"api_key": token, "batch": list(events)})
    answer = await live.post("/batch/", content=body)
    assert answer.status_code == 200, answer.text


async def test_everybody_identifies_the_same_person(live):
    token, organization = await _project(live)

    async def attempt(number: int) -> None:
        anonymous = f"anon-{number % 4}"
        await _send(live, token, {"event": "seen", "distinct_id": anonymous, "$set": {f"p{number}": number}})
        await _send(
            live,
            token,
            {"event": "$identify", "distinct_id": "ann", "properties": {"$anon_distinct_id": anonymous}},
            {"event": "seen", "distinct_id": anonymous},
        )

    await race(attempt)
    ((_, properties),) = await _rows(live, PERSONS, organization)
    assert properties == {f"p{number}": number for number in range(16)}
    assert await _rows(live, LOST, organization) == []
    assert len(await _rows(live, "SELECT id FROM events WHERE organization_id = :organization_id", organization)) == 48


async def test_opposite_aliases_and_new_names_by_many(live):
    token, organization = await _project(live)

    async def attempt(number: int) -> None:
        pair = ["a", "b"] if number % 2 else ["b", "a"]
        await _send(
            live,
            token,
            {"event": "seen", "distinct_id": f"n{number % 3}", "$set": {"n": 1}},
            {"event": "$create_alias", "distinct_id": pair[0], "properties": {"alias": pair[1]}},
            {"event": "seen", "distinct_id": f"n{(number + 1) % 3}", "$set": {"m": 1}},
        )

    await race(attempt)
    persons = await _rows(live, PERSONS, organization)
    assert len(persons) == 4
    assert await _rows(live, LOST, organization) == []


async def test_sixteen_processes_identify_at_once(live):
    """A writer each, as processes have: nothing is written together."""
    _, organization = await _project(live)
    runtime = live.app.state.runtime

    def seen(name: str, **more) -> Captured:
        return Captured(id=uuid7(), event="seen", distinct_id=name, timestamp=now(), **more)

    async def attempt(number: int) -> None:
        anonymous = f"anon-{number % 4}"
        await Writer(runtime).write(organization, [seen(anonymous, set={f"p{number}": number})])
        identifies = seen("ann", identifies=True, merges=anonymous)
        await Writer(runtime).write(organization, [identifies, seen(anonymous), seen("ann", set={"n": 1})])

    await race(attempt)
    ((_, properties),) = await _rows(live, PERSONS, organization)
    assert properties == {"n": 1} | {f"p{number}": number for number in range(16)}
    assert await _rows(live, LOST, organization) == []


async def test_a_profile_comes_while_its_person_is_captured(live):
    _, organization = await _project(live)
    runtime = live.app.state.runtime
    profile = Profile(
        organization_id=organization, number=1, account_type="provider", role="member", primary_email="ann@x.org"
    )
    async with runtime.sessions.begin() as session:
        session.add(profile)

    async def attempt(number: int) -> None:
        if number % 2:
            name = ("ann@x.org", f"anon-{number}")[number % 4 == 1]
            one = Captured(id=uuid7(), event="seen", distinct_id=name, timestamp=now(), set={f"p{number}": 1})
            await Writer(runtime).write(organization, [one])
        else:
            async with runtime.sessions.begin() as session:
                await follow_profiles(session, organization, [profile.id])

    await race(attempt)
    names = (
        "SELECT person_id FROM person_distinct_ids WHERE organization_id = :organization_id AND distinct_id LIKE '%@%'"
    )
    assert await _rows(live, names, organization) == [(profile.id,)]
    persons = await _rows(live, PERSONS, organization)
    told = next(properties for key, properties in persons if key == profile.id)
    assert {f"p{number}" for number in (3, 7, 11, 15)} <= told.keys()
    assert len(persons) == 5
    assert await _rows(live, LOST, organization) == []


async def test_the_same_batch_sixteen_times(live):
    token, organization = await _project(live)
    events = [{"event": "a", "distinct_id": f"x{n}", "uuid": str(uuid4()), "$set": {"n": n}} for n in range(50)]
    await race(lambda number: _send(live, token, *(events if number % 2 else events[::-1])))
    assert len(await _rows(live, PERSONS, organization)) == 50
    assert len(await _rows(live, "SELECT id FROM events WHERE organization_id = :organization_id", organization)) == 50
