"""Events on the streams: facts, roles that follow, answers, replicas, restarts."""

import asyncio
import time

import msgspec
import pytest
from agreement import assert_agreement
from authz.follow import load_index, replica_of
from authz.roles.models import RoleUser
from contracts import identity, orgs
from contracts.permissions import ROLE_IDS, role_id
from deliveries import versioned
from kernel import now, uuid7
from permission_oracle import Oracle
from permission_worlds import GROUPS, INDIVIDUALS, PLACES, USERS, beginning
from sqlalchemy import select, text
from testkit.applications import started
from testkit.client import Client

URL = "/v1/authz-resource-access"
SECONDS = 20


async def eventually(look, seconds=SECONDS):
    """Wait until `look` gives something true."""
    until = time.monotonic() + seconds
    while not (found := await look()):
        assert time.monotonic() < until, "it did not happen in time"
        await asyncio.sleep(0.02)
    return found


async def allowed(client, user, *queries, **headers):
    body = {"user-id": str(user), "access-query": list(queries)}
    for _ in range(40):  # a machine with much to do may need more than the wait that one request gets
        answer = await client.as_service("orgs").post(URL, json=body, headers=headers)
        if answer.status_code != 409:
            break
    assert answer.status_code == 201, answer.text
    return answer.json()["allow"]


async def rows(client, statement):
    async with client.app.state.runtime.reads() as session:
        return (await session.execute(statement)).all()


async def test_an_organization_and_its_people(service, publisher):
    place, creator, member, other = (uuid7() for _ in range(4))
    await publisher.send(
        orgs.OrganizationCreated(organization_id=place, number=1, name="c", display_name="C", created_by=creator),
        orgs.OrganizationUserAdded(organization_id=place, user_id=member, account_type="provider", role="org.member"),
        orgs.OrganizationUserAdded(organization_id=place, user_id=other, account_type="patient"),
    )
    await eventually(lambda: allowed(service, creator, f"organization:{place}:write"))
    await eventually(lambda: allowed(service, member, f"organization:{place}:read"))
    assert not await allowed(service, other, f"organization:{place}:read", **{"x-authz-at-least": "latest"})
    held = await rows(service, select(RoleUser.role_id, RoleUser.user_id))
    assert (role_id("org.admin", place), creator) in [tuple(row) for row in held]
    assert (role_id("org.member", place), member) in [tuple(row) for row in held]
    await publisher.send(orgs.OrganizationUserRemoved(organization_id=place, user_id=member))

    async def gone():
        return not await allowed(service, member, f"organization:{place}:read")

    await eventually(gone)


async def test_a_role_that_another_system_gives_no_more(service, publisher):
    place, creator, member = (uuid7() for _ in range(3))
    await publisher.send(
        orgs.OrganizationCreated(organization_id=place, number=1, name="c", display_name="C", created_by=creator),
        orgs.OrganizationUserAdded(organization_id=place, user_id=member, account_type="provider", role="org.admin"),
    )
    await eventually(lambda: allowed(service, member, f"organization:{place}:write"))
    gone = {"organization_id": place, "source": "identity-provider", "left_roles": ("org.admin", "org.none")}
    await publisher.send(identity.MemberProvisioned(user_id=member, **gone))

    async def taken():
        return not await allowed(service, member, f"organization:{place}:write")

    await eventually(taken)
    await publisher.send(identity.MemberProvisioned(user_id=creator, **gone))
    await asyncio.sleep(0.3)
    assert await allowed(service, creator, f"organization:{place}:write")  # the last administrator stays


async def test_the_operator(service, publisher):
    user = uuid7()
    await publisher.send(
        identity.UserCreated(user_id=user, account_type="provider", classification="carium", operator=True)
    )
    await eventually(lambda: allowed(service, user, "system:admin:read"))
    held = await rows(service, select(RoleUser.role_id).where(RoleUser.user_id == user))
    assert [row.role_id for row in held] == [ROLE_IDS["system.admin"]]
    await publisher.send(identity.UserDisabled(user_id=user, ended_at=now()))

    async def disabled():
        return not await allowed(service, user, "system:admin:read")

    await eventually(disabled)


async def test_latest_means_what_is_on_the_stream(service, publisher):
    place, leader, group = uuid7(), uuid7(), uuid7()
    where = {"group_id": group, "organization_id": place}
    created = orgs.GroupCreated(**where, parent_id=None, name="g", node_type="group", type="regular")
    led = orgs.GroupPeopleChanged(**where, kind="leader", added=(leader,))
    for _ in range(10):
        await publisher.send(created, led)
        assert await allowed(service, leader, f"group:{group}:write", **{"x-authz-at-least": "latest"})
        last = await publisher.send(orgs.GroupPeopleChanged(**where, kind="leader", removed=(leader,)))
        revision = f"0-{last['orgs']:x}-0"
        assert not await allowed(service, leader, f"group:{group}:write", **{"x-authz-at-least": revision})


async def test_status_says_up_to_date(service, publisher):
    user = uuid7()
    await publisher.send(identity.UserCreated(user_id=user, account_type="patient", classification="customer"))

    async def status():
        answer = await service.as_service("orgs").get(f"/v1/authz-user-status/{user}")
        return answer.json()["data"]["attributes"] if answer.status_code == 200 else None

    found = await eventually(status)
    assert found["up-to-date"] is True
    assert found["latest-event-at"]


async def test_what_cannot_be_read_is_put_on_record_and_the_rest_goes_on(service, publisher):
    place, user = uuid7(), uuid7()
    await publisher._nats.jetstream().publish(f"evt.orgs.group.moved.v1.{3}", b"no event", stream="EVT_ORGS")
    bad_name = "nul \0 in a name"
    await publisher.send(
        orgs.OrganizationCreated(organization_id=uuid7(), number=1, name=bad_name, display_name=bad_name),
        orgs.OrganizationCreated(organization_id=place, number=1, name="c", display_name="C", created_by=user),
    )
    await eventually(lambda: allowed(service, user, f"organization:{place}:write"))
    kept = await rows(service, text("SELECT type FROM quarantined_events ORDER BY sequence"))
    assert [row.type for row in kept] == ["evt.orgs.group.moved.v1.3", "muster.orgs.organization.created.v1"]


@pytest.fixture
def world():
    """Facts of every kind about the small universe that the oracle is asked about."""
    lead = {"group_id": GROUPS[0], "organization_id": PLACES[0]}
    return [
        *beginning(),
        orgs.GroupPeopleChanged(**lead, kind="leader", added=(USERS[0],)),
        orgs.GroupPeopleChanged(group_id=GROUPS[4], organization_id=PLACES[1], kind="member", added=(USERS[1],)),
        orgs.IndividualUpdated(individual_id=INDIVIDUALS[0], owner_id=USERS[3], owner_type="user", user_id=USERS[2]),
        orgs.GroupMoved(group_id=GROUPS[5], organization_id=PLACES[1], parent_id=GROUPS[1]),
        orgs.GroupDeleted(group_id=GROUPS[3], organization_id=PLACES[1]),
        identity.UserDisabled(user_id=USERS[4], ended_at=now()),
    ]


async def test_replicas_restarts_and_repetitions_agree(service, publisher, make_app, world):
    oracle = Oracle()
    for event in world:
        oracle.hear(event)
    deliveries = versioned(world)
    late = deliveries.pop(7)
    await publisher.again([*deliveries[::-1], late, *deliveries[:12], late])
    replica = replica_of(service.app.state.runtime)
    await replica.at_least("latest")
    assert_agreement(replica.facts, oracle)

    positions = text("SELECT context, sequence FROM applied_positions")

    async def written():
        found = {row.context: row.sequence for row in await rows(service, positions)}
        return all(found.get(context, 0) >= sequence for context, sequence in replica.positions.items())

    await eventually(written)
    async with started(make_app(worker="none")) as second, Client(second) as client:
        other = replica_of(second.state.runtime)
        assert_agreement(other.facts, oracle)

        async def ready():
            return (await client.get("/readyz")).status_code == 200

        await eventually(ready)
        await publisher.send(
            orgs.OrganizationUserAdded(organization_id=PLACES[0], user_id=USERS[0], account_type="provider")
        )
        await other.at_least("latest")
        await replica.at_least("latest")
    before = msgspec.json.encode(sorted(replica.facts.groups.ids))
    await load_index(service.app.state.runtime)
    assert msgspec.json.encode(sorted(replica_of(service.app.state.runtime).facts.groups.ids)) == before
    service.app.state.runtime.extras["replica"] = replica
