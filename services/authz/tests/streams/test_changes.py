"""GET /v1/authz-changes, over a real server: what comes, what was missed, who sees it, and when it ends."""

import asyncio
from contextlib import asynccontextmanager

import aiohttp
import msgspec
import pytest_asyncio
import uvicorn
from authz.authz_changes import follower
from authz.follow import replica_of
from contracts import authz, identity, orgs
from contracts.permissions import role_id
from kernel import now, uuid7
from testkit.principals import access_token, service_token

SECONDS = 15
PATH = "/v1/authz-changes"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def serving(make_app, publisher):
    """The service behind a real HTTP server: its address and its application."""
    app = make_app(worker="none")
    await publisher.streams("authz")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}", app
    server.should_exit = True
    await running


class Reader:
    """Reads server-sent events one by one."""

    def __init__(self, answer):
        self.answer = answer

    async def next(self):
        """The id, the kind (None for a comment) and the data of the next message."""
        found = {}
        async with asyncio.timeout(SECONDS):
            while (line := (await self.answer.content.readline()).decode()) != "\n":
                assert line, "the stream has ended"
                name, _, value = line.rstrip("\n").partition(": ")
                found[name] = value
        data = msgspec.json.decode(found["data"]) if "data" in found else None
        return found.get("id"), found.get("event"), data

    async def ended(self):
        async with asyncio.timeout(SECONDS):
            return (await self.answer.content.read()) == b""


@asynccontextmanager
async def following(serving, token=None, **headers):
    url, _ = serving
    sent = {"authorization": f"Bearer {token or service_token('artifacts')}", **headers}
    async with aiohttp.ClientSession() as session, session.get(url + PATH, headers=sent) as answer:
        yield Reader(answer)


async def opened(serving, token=None, **headers):
    """The status of an answer that does not begin to stream."""
    async with following(serving, token, **headers) as reader:
        return reader.answer.status, msgspec.json.decode(await reader.answer.read())


def led(group, place, user, **more):
    return orgs.GroupPeopleChanged(group_id=group, organization_id=place, kind="leader", added=(user,), **more)


async def settled(serving):
    await replica_of(serving[1].state.runtime).at_least("latest")


async def test_changes_come_with_a_revision_that_answers_know(serving, publisher):
    place, group, user = uuid7(), uuid7(), uuid7()
    await settled(serving)
    async with following(serving) as reader:
        assert reader.answer.headers["content-type"].startswith("text/event-stream")
        first, kind, data = await reader.next()
        assert (kind, data) == ("open", {"revision": first})
        await publisher.send(
            orgs.GroupCreated(
                group_id=group, organization_id=place, parent_id=None, name="g", node_type="group", type="regular"
            ),
            identity.SessionStarted(session_id=uuid7(), user_id=user),
        )
        revision, kind, made = await reader.next()
        assert (kind, made["type"], made["organization-id"]) == ("change", "orgs.group.created.v1", str(place))
        assert made["resources"] == [{"type": "group", "id": str(group)}]
        await publisher.send(led(group, place, user))
        while made["subjects"] == []:
            revision, kind, made = await reader.next()
        assert made["subjects"] == [{"type": "user", "id": str(user)}]
        url, _ = serving
        body = {"user-id": str(user), "access-query": [f"group:{group}:write"]}
        headers = {"authorization": f"Bearer {service_token('orgs')}", "x-authz-at-least": revision}
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/v1/authz-resource-access", json=body, headers=headers) as answer,
        ):
            assert await answer.json() == {"allow": True}


async def test_what_was_missed_comes_first_and_nothing_twice(serving, publisher):
    place, group = uuid7(), uuid7()
    users = [uuid7() for _ in range(8)]
    await settled(serving)
    async with following(serving) as reader:
        revision, _, _ = await reader.next()
    await publisher.send(*(led(group, place, user) for user in users[:3]))
    await settled(serving)
    seen = []
    async with following(serving, **{"last-event-id": revision}) as reader:
        await reader.next()
        for _ in range(2):
            revision, _, data = await reader.next()
            seen.append(data["subjects"][0]["id"])
    await publisher.send(*(led(group, place, user) for user in users[3:6]))
    async with following(serving, **{"last-event-id": revision}) as reader:
        await reader.next()
        await publisher.send(*(led(group, place, user) for user in users[6:]))
        while len(seen) < len(users):
            _, _, data = await reader.next()
            seen.append(data["subjects"][0]["id"])
    assert seen == [str(user) for user in users]


async def test_an_admin_sees_what_belongs_to_their_organization(serving, publisher):
    place, other, admin, member, stranger = (uuid7() for _ in range(5))
    own = role_id("org.admin", place)
    await publisher.send(
        authz.RoleUserAdded(role_id=own, name="org.admin", user_id=admin, organization_id=place),
        orgs.OrganizationUserAdded(organization_id=place, user_id=member, account_type="provider"),
    )
    await settled(serving)
    async with following(serving, access_token(user_id=admin)) as reader:
        await reader.next()
        grant = authz.AccessGrantCreated(
            access_grant_id=uuid7(),
            subject_type="participants",
            subject_id=uuid7(),
            resource_type="app.chart",
            resource_id="one",
            operation="view",
            organization_id=place,
        )
        for event in (
            led(uuid7(), other, stranger),
            led(uuid7(), place, member),
            identity.UserDisabled(user_id=stranger, ended_at=now()),
            identity.UserDisabled(user_id=member, ended_at=now()),
            grant,
        ):
            await publisher.send(event)
            await settled(serving)
        found = [(await reader.next())[2] for _ in range(3)]
        assert [one["type"] for one in found] == [
            "orgs.group.people_changed.v1",
            "identity.user.disabled.v1",
            "authz.access_grant.created.v1",
        ]
        assert found[1]["subjects"] == [{"type": "user", "id": str(member)}]
        assert found[2]["subjects"] == [{"type": "group", "id": str(grant.subject_id)}]
        assert found[2]["resources"] == [{"type": "app.chart", "id": "one"}]
    assert (await opened(serving, access_token(user_id=member)))[0] == 403
    assert (await opened(serving, access_token(user_id=uuid7())))[0] == 403


async def test_places_that_are_not_held(serving, publisher):
    await settled(serving)
    for last, status, code in [
        ("x", 400, "invalid"),
        ("1-2", 400, "invalid"),
        ("ffffff-0-0", 410, "revision-too-old"),
    ]:
        answer = await opened(serving, **{"last-event-id": last})
        assert (answer[0], answer[1]["errors"][0]["code"]) == (status, code)
    jetstream = publisher._nats.jetstream()
    await publisher.send(orgs.GroupDeleted(group_id=uuid7(), organization_id=uuid7()))
    await settled(serving)
    last = (await jetstream.stream_info("EVT_ORGS")).state.last_seq
    await jetstream.purge_stream("EVT_ORGS", seq=last)
    assert (await opened(serving, **{"last-event-id": "0-1-0"}))[0] == 410


async def test_heartbeats_carry_the_place_and_the_stream_ends_with_the_right(serving, publisher, monkeypatch):
    monkeypatch.setattr(follower, "HEARTBEAT_SECONDS", 0.1)
    place, admin = uuid7(), uuid7()
    given = {"role_id": role_id("org.admin", place), "name": "org.admin", "user_id": admin, "organization_id": place}
    await publisher.send(authz.RoleUserAdded(**given))
    await settled(serving)
    async with following(serving, access_token(user_id=admin)) as reader:
        await reader.next()
        await publisher.send(led(uuid7(), uuid7(), uuid7()))
        await settled(serving)
        wanted = replica_of(serving[1].state.runtime).revision
        found = await reader.next()
        while found[0] != wanted:
            assert found[1] is None
            found = await reader.next()
        await publisher.send(authz.RoleUserRemoved(**given))
        while await reader.answer.content.readline():
            pass
        assert await reader.ended()


async def test_who_reads_too_slowly_is_cut_off_and_resumes(serving, publisher, monkeypatch):
    monkeypatch.setattr(follower, "LONGEST_QUEUE", 2)
    await settled(serving)
    group, place, users = uuid7(), uuid7(), [uuid7() for _ in range(6)]
    async with following(serving) as reader:
        revision, _, _ = await reader.next()
        replica = replica_of(serving[1].state.runtime)
        (listener,) = replica.listeners
        chunk = []
        listeners, replica.listeners = replica.listeners, {lambda context, entry: chunk.append((context, entry))}
        await publisher.send(*(led(group, place, user) for user in users))
        await settled(serving)
        replica.listeners = listeners
        for one in chunk:
            listener(*one)
        while await reader.answer.content.readline():
            pass
    monkeypatch.setattr(follower, "LONGEST_QUEUE", 1000)
    async with following(serving, **{"last-event-id": revision}) as reader:
        await reader.next()
        found = [(await reader.next())[2]["subjects"][0]["id"] for _ in users]
    assert found == [str(user) for user in users]


async def test_as_many_as_a_process_serves(serving, monkeypatch):
    monkeypatch.setattr(follower, "MOST_FOLLOWERS", 0)
    assert (await opened(serving))[0] == 429
