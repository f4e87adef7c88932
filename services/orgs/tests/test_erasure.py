"""Erasing a person: what goes, what others hear, and who stays."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from chassis.erasure import Person
from chassis.erasure.carrying_out import carry_out, export
from chassis.erasure.orders import take_down
from contracts.erasure import DeletionPurgeRequested
from contracts.identity import ArchiveConfirmed, UserUpdated
from contracts.orgs import (
    GroupPeopleChanged,
    IndividualArchived,
    IndividualErased,
    OrganizationUserRemoved,
)
from messaging import Meta
from orgs.consumers import table
from orgs.erasure import PLAN
from orgs_world import World, ok
from sqlalchemy import text
from testkit.erasure import left_of

MARK = "Quetzalcoatlus"


async def hear(world: World, session: Any, event: Any) -> None:
    """Let the service handle an event."""
    meta = Meta(
        event_id=uuid4(),
        occurred_at=datetime.now(UTC),
        aggregate_version=1,
        stream="EVT_IDENTITY",
        sequence=1,
        tenant_id=None,
        traceparent=None,
    )
    await table(world.client.app.state.runtime)[type(event)](session, event, meta)


async def test_nothing_of_the_person_is_left_and_others_hear_of_it(world: World, session, outbox) -> None:
    organization = await world.organization()
    user = await world.staff(organization, first_name=MARK, last_name=MARK, email=f"{MARK}@mail.example")
    individual = await world.individual(organization, first_name=MARK, email=f"{MARK}@mail.example", phone="+15550100")
    other = await world.individual(organization, first_name="Someone", last_name="Else")
    group = await world.group(organization)
    ok(await world.act(group, "add-members", user_ids=[user]), 201)
    ok(await world.act(group, "add-individuals", individual_ids=[individual, other]), 201)
    person = Person(user_id=user, individual_ids=[individual], addresses=[f"{MARK.lower()}@mail.example"])
    copied = await export(session, PLAN, person)
    assert {"individuals", "people", "memberships", "group_individuals", "group_staff"} <= set(copied)
    assert copied["individuals"][0]["first_name"] == MARK
    counts = await carry_out(session, PLAN, person)
    assert (counts["individuals"], counts["people"], counts["memberships"]) == (1, 1, 1)
    assert await left_of(session, MARK) == []
    assert await world.people_of(group) == {other}
    assert (await world.read_group(group))["individuals-count"] == 1
    kept = await world.kept(organization)
    assert individual not in await world.people_of(kept["all_participants"])
    heard = await outbox()
    assert OrganizationUserRemoved(organization_id=organization, user_id=user) in heard
    assert IndividualErased(individual_id=individual, organization_id=organization) in heard
    gone = [event for event in heard if isinstance(event, GroupPeopleChanged) and event.removed]
    assert {(event.kind, event.removed) for event in gone} >= {("individual", (individual,)), ("member", (user,))}
    assert await carry_out(session, PLAN, person) == {}


async def test_kept_answers_go_along(world: World, session) -> None:
    organization = await world.organization()
    body = {"data": {"type": "individuals", "attributes": {"owner-id": str(organization), "first-name": MARK}}}
    made = ok(await world.operator.post("/v1/individuals/", json=body, headers={"idempotency-key": "k"}), 201)
    kept = await session.scalar(text("SELECT count(*) FROM idempotency_keys WHERE answer IS NOT NULL"))
    assert kept == 1
    await carry_out(session, PLAN, Person(individual_ids=[made["data"]["id"]]))
    assert await left_of(session, MARK) == []


async def test_an_individual_without_a_login_takes_nobody_along(world: World, session) -> None:
    organization = await world.organization()
    staff = await world.staff(organization)
    first, second = [await world.individual(organization, first_name="Same") for _ in range(2)]
    await carry_out(session, PLAN, Person(individual_ids=[first]))
    assert (await world.operator.get(f"/v1/individuals/{first}/")).status_code == 404
    assert (await world.operator.get(f"/v1/individuals/{second}/")).status_code == 200
    members = ok(await world.operator.get(f"/v1/user-organizations/?organization-id={organization}"))["data"]
    assert str(staff) in str(members)


async def test_what_is_told_late_brings_nobody_back(world: World, session) -> None:
    organization = await world.organization()
    user = await world.staff(organization, first_name=MARK)
    order = DeletionPurgeRequested(
        deletion_request_id=uuid4(),
        reference_id=uuid4(),
        app="orgs",
        user_id=user,
        individual_ids=(),
        archive=False,
    )
    await take_down(session, order)
    await carry_out(session, PLAN, Person(user_id=user))
    await hear(world, session, UserUpdated(user_id=user))
    assert await left_of(session, MARK) == []


async def test_an_archived_individual_stays_and_says_so(world: World, session, outbox) -> None:
    organization = await world.organization()
    individual = await world.individual(organization, first_name="Rest")
    await hear(world, session, ArchiveConfirmed(archive_request_id=uuid4(), individual_id=individual, user_id=None))
    assert IndividualArchived(individual_id=individual, organization_id=organization) in await outbox()
    shown = ok(await world.operator.get(f"/v1/individuals/{individual}/"))["data"]["attributes"]
    assert shown["archived-time"] is not None
    listed = ok(await world.operator.get(f"/v1/individuals/?organization-id={organization}"))["data"]
    assert listed == []
    named = ok(await world.operator.get(f"/v1/individuals/?ids={individual}"))["data"]
    assert [row["id"] for row in named] == [str(individual)]
