"""Messages within applications: from identity's request to the person's list and stream."""

import asyncio
from types import SimpleNamespace
from uuid import uuid4

import msgspec
import pytest
from kernel import TooManyRequests
from notifications.notifications import listening
from notifications.notifications.listening import Listener, wake_listeners

PATH = "/v1/notifications/"


@pytest.fixture
def person(live):
    user = uuid4()
    return SimpleNamespace(id=user, client=live.as_(user_id=user))


async def told(post, person, times=1):
    for _ in range(times):
        await post.ask(channel="in-app", user_id=person.id)
    await post.work()


async def listed(person, **parameters):
    answer = await person.client.get(PATH, params=parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_message_is_listed_and_marked(post, person, live):
    message = await post.ask(channel="in-app", user_id=person.id)
    await post.work()
    assert await post.settled(message) == ["sent"]
    [row] = await listed(person)
    assert "482913" in row["attributes"]["text"]
    assert row["attributes"]["message-type"] == "sign-up-code"
    assert row["attributes"]["read-time"] is None
    assert (await person.client.get(f"{PATH}unread-count")).json() == {"data": {"unread-count": 1}}

    first = (await person.client.post(f"{PATH}{row['id']}/mark-read")).json()["data"]
    again = (await person.client.post(f"{PATH}{row['id']}/mark-read")).json()["data"]
    assert first["attributes"]["read-time"] is not None
    assert first == again == (await person.client.get(f"{PATH}{row['id']}")).json()["data"]
    assert await listed(person, **{"filter[read]": "false"}) == []
    assert (await person.client.get(f"{PATH}unread-count")).json() == {"data": {"unread-count": 0}}

    stranger = live.as_(user_id=uuid4())
    assert (await stranger.get(f"{PATH}{row['id']}")).status_code == 404
    assert (await stranger.post(f"{PATH}{row['id']}/mark-read")).status_code == 404
    assert (await stranger.get(PATH)).json()["data"] == []


async def test_mark_all(post, person):
    await told(post, person, 3)
    assert (await person.client.post(f"{PATH}mark-all-read")).json() == {"data": {"marked": 3}}
    assert (await person.client.post(f"{PATH}mark-all-read")).json() == {"data": {"marked": 0}}
    assert len(await listed(person, **{"filter[read]": "true"})) == 3


async def test_the_same_message_again_is_one(post, person):
    message = await post.ask(channel="in-app", user_id=person.id)
    await post.work()
    await post.rows("UPDATE deliveries SET status = 'pending' WHERE message_id = :id RETURNING id", id=message)
    await post.all_due()
    await post.work()
    assert len(await listed(person)) == 1


async def test_without_a_user_it_cannot_be_shown(post):
    message = await post.ask(channel="in-app")
    await post.work()
    assert (await post.row(message))["reason"] == "no-address"


def listen(post, person, after=None, principal=None):
    return Listener(post.runtime, principal, person.id, after).run()


async def next_of(stream):
    async with asyncio.timeout(5):
        raw = (await anext(stream)).decode()
    head, _, data = raw.partition("data: ")
    return head.split("\n")[0].removeprefix("id: "), msgspec.json.decode(data) if data else raw


async def test_streams_hand_on_what_comes_and_resume(post, person):
    watch = asyncio.create_task(wake_listeners(post.runtime))
    try:
        stream = listen(post, person)
        _, opened = await next_of(stream)
        assert opened == {}
        await told(post, person)
        place, message = await next_of(stream)
        assert "482913" in message["text"]
        await stream.aclose()
        assert listening.waiting(post.runtime) == {}

        await told(post, person, 2)
        resumed = listen(post, person, place)
        assert (await next_of(resumed))[0] == place
        missed = [(await next_of(resumed))[1]["id"] for _ in range(2)]
        assert missed == [row["id"] for row in await listed(person)][1::-1]
        await resumed.aclose()
    finally:
        watch.cancel()


async def test_a_heartbeat_finds_what_nobody_told_of_and_ends_with_the_token(post, person, monkeypatch):
    monkeypatch.setattr(listening, "HEARTBEAT_SECONDS", 0.05)
    until = SimpleNamespace(expires_at=listening.now().replace(year=2999), session_id=None)

    async def check(_: object) -> None:
        """Nothing is revoked."""

    monkeypatch.setattr(post.runtime.revocations, "check", check)
    stream = listen(post, person, principal=until)
    await next_of(stream)
    await told(post, person)
    found = [await next_of(stream), await next_of(stream)]
    assert any(isinstance(data, dict) for _, data in found)
    until.expires_at = listening.now()
    async with asyncio.timeout(5):
        assert [raw async for raw in stream if not raw.startswith(b":")] == []


async def test_so_many_streams_of_one_person(post, person, monkeypatch):
    monkeypatch.setattr(listening, "MOST_OF_ONE", 1)
    stream = listen(post, person)
    await next_of(stream)
    with pytest.raises(TooManyRequests):
        listen(post, person)
    await stream.aclose()
    await listen(post, person).aclose()


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 19, "²"])
async def test_a_place_is_a_number(person, after):
    assert (await person.client.get(f"{PATH}stream", params={"after": after})).status_code == 400
