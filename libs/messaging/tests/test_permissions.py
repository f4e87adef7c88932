"""What each service's NATS user may do, asked of a real server."""

import asyncio
from pathlib import Path
from uuid import uuid4

import msgspec
import nats.errors
import pytest
from messaging import Entry, connect
from messaging.advisories import ADVISORIES
from messaging.permissions import OPERATOR, allowed, server_config
from messaging.tail import SLOTS, slot_name
from nats.aio.client import Client
from nats.js import api
from shop_world import OrderPlaced, World, eventually
from testkit import servers

CONSUMES = {"shop": {"shop"}, "mail": {"shop"}, "thief": {"mail"}}
PASSWORDS = {name: f'pass "{name}"' for name in (*CONSUMES, OPERATOR, "system")}


@pytest.fixture
async def guarded(tmp_path: Path, world: World) -> str:
    config = server_config(CONSUMES, PASSWORDS, store=str(tmp_path / "store"), sync="2m")
    server = await asyncio.to_thread(servers.nats, tmp_path, config)
    world.stack.callback(server.stop)
    return server.url


async def as_user(world: World, url: str, name: str) -> Client:
    client = await connect(url, name, PASSWORDS[name], "test")
    world.stack.push_async_callback(client.close)
    return client


async def start_both(world: World, url: str) -> None:
    world.nats_url = url
    await world.start_shop(nats_user="shop", nats_password=PASSWORDS["shop"])
    await world.start_mail(nats_user="mail", nats_password=PASSWORDS["mail"])


async def refused(client: Client, subject: str, payload: bytes = b"") -> bool:
    """The server says nothing to a publisher that it refuses."""
    try:
        await client.request(subject, payload, timeout=0.25)
    except (nats.errors.TimeoutError, nats.errors.NoRespondersError):
        return True
    return False


async def test_services_have_what_they_need(world: World, guarded: str) -> None:
    await start_both(world, guarded)
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(3)))
    await eventually(lambda: world.mail.has(3))
    operator = await as_user(world, guarded, OPERATOR)
    await world.shop.publish(OrderPlaced(order_id=order, number=3))
    await world.mail.run("UPDATE inbox_aggregates SET version = 2, state = 'waiting'")  # asks the owner
    await world.mail.run("DELETE FROM inbox WHERE aggregate_version > 2")
    seen: list[Entry] = []

    async def on_batch(entries: list[Entry]) -> None:
        seen.extend(entries)

    feed = await (await world.start_mail({}, nats_user="mail", nats_password=PASSWORDS["mail"])).tail(
        "shop", [OrderPlaced], on_batch
    )
    await asyncio.wait_for(feed.caught_up.wait(), 10)
    assert len(seen) >= 4
    headers = {"Nats-Msg-Id": str(uuid4())}
    await operator.jetstream().publish("evt.shop.order.placed.v1.0", b"poison", headers=headers)

    async def dead() -> bool:
        return (await operator.jetstream().stream_info("DLQ")).state.messages > 0

    await eventually(dead)
    assert (await operator.jetstream().stream_info("DLQ")).state.messages == 1


async def test_missing_events_are_asked_for_and_answered(world: World, guarded: str) -> None:
    await start_both(world, guarded)
    order = uuid4()
    await world.shop.publish(*(OrderPlaced(order_id=order, number=number) for number in range(1, 4)))
    await eventually(lambda: world.mail.has(3))
    await world.mail.run("TRUNCATE inbox, inbox_aggregates, effects")
    await world.shop.publish(OrderPlaced(order_id=order, number=4))
    await eventually(lambda: world.mail.has(4))
    assert await world.mail.effects() == [1, 2, 3, 4]


async def test_a_service_cannot_publish_anothers_events_nor_read_its_streams(world: World, guarded: str) -> None:
    await start_both(world, guarded)
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    thief = await as_user(world, guarded, "thief")
    body = msgspec.json.encode({"stream_name": "EVT_SHOP", "config": {"name": "thief", "durable_name": "thief"}})
    hijack = {"stream_name": "EVT_SHOP", "config": {"name": "mail", "durable_name": "mail", "ack_policy": "explicit"}}
    for subject, payload in [
        ("evt.shop.order.placed.v1.0", b"forged"),
        ("dlq.shop.order", b"forged"),
        ("ctl.shop.retry", b"{}"),
        ("ctl.shop.republish", b"{}"),
        ("$JS.API.STREAM.INFO.EVT_SHOP", b""),
        ("$JS.API.STREAM.DELETE.EVT_SHOP", b""),
        ("$JS.API.STREAM.PURGE.EVT_SHOP", b""),
        ("$JS.API.STREAM.UPDATE.DLQ", b""),
        ("$JS.API.STREAM.MSG.GET.EVT_SHOP", b'{"seq":1}'),
        ("$JS.API.DIRECT.GET.EVT_SHOP", b'{"seq":1}'),
        ("$JS.API.CONSUMER.CREATE.EVT_SHOP", body),
        ("$JS.API.CONSUMER.CREATE.EVT_SHOP.thief", body),
        ("$JS.API.CONSUMER.DURABLE.CREATE.EVT_SHOP.thief", body),
        ("$JS.API.CONSUMER.MSG.NEXT.EVT_SHOP.mail", b'{"batch":1}'),
        ("$JS.API.CONSUMER.INFO.EVT_SHOP.mail", b""),
        ("$JS.API.CONSUMER.DELETE.EVT_SHOP.mail", b""),
    ]:
        assert await refused(thief, subject, payload), subject
    shop = await as_user(world, guarded, "shop")  # reads the same stream, yet not with mail's consumers
    for subject, payload in [
        ("$JS.API.CONSUMER.MSG.NEXT.EVT_SHOP.mail", b'{"batch":1}'),
        ("$JS.API.CONSUMER.CREATE.EVT_SHOP.mail", msgspec.json.encode(hijack)),
        ("$JS.API.CONSUMER.CREATE.EVT_SHOP", msgspec.json.encode(hijack)),
        (f"$JS.API.CONSUMER.CREATE.EVT_SHOP.{slot_name('mail', 1)}", b"{}"),
        ("$JS.ACK.EVT_SHOP.mail.1.1.1.1.0", b""),
        ("evt.mail.any.thing.v1.0", b"forged"),
    ]:
        assert await refused(shop, subject, payload), subject


async def test_a_service_hears_no_others_answers_and_no_plain_copies(world: World, guarded: str) -> None:
    await start_both(world, guarded)
    thief = await as_user(world, guarded, "thief")
    heard: list[str] = []

    async def listen(message: object) -> None:
        heard.append(repr(message))

    for subject in ("evt.shop.>", "_INBOX_mail.>", "_INBOX_shop.>", ">", "ctl.shop.>", f"{ADVISORIES}.>"):
        await thief.subscribe(subject, cb=listen)
    await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    await eventually(lambda: world.mail.has(1))
    assert heard == []


async def test_a_wrong_password_is_refused(world: World, guarded: str) -> None:
    client = Client()
    with pytest.raises(nats.errors.Error, match=r"(?i)authorization"):
        await client.connect(guarded, user="shop", password="wrong", allow_reconnect=False)
    await client.close()


def test_names_are_whole_words() -> None:
    may = allowed("mail", {"shop"})
    consumers = [one for one in may.publish if "CONSUMER" in one]
    assert consumers
    assert not [one for one in consumers if "*" in one or ">" in one]
    assert len([one for one in consumers if "tail" in one]) == 2 * SLOTS
    assert api.DEFAULT_PREFIX == "$JS.API"
