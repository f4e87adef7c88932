from uuid import uuid4

from contracts.identity import MessageRequested
from identity.upkeep import sweep
from identity_world import World, email


async def test_what_a_service_reads(world: World) -> None:
    username, code = await world.registered(locale="es_US")
    event = (await world.events(MessageRequested))[-1]
    service = world.client.as_service("notifications")
    read = (await service.get(f"/v1/message-contents/{event.message_id}/")).json()["data"]
    assert (read["id"], read["type"]) == (str(event.message_id), "message-contents")
    attributes = read["attributes"]
    assert attributes["variables"] == {"code": code, "first_name": "Ada", "organization": "Care & Co"}
    assert (attributes["recipient"], attributes["locale"]) == (username, "es_US")
    assert attributes["organization-id"] == str(world.orgs.organization_id)
    assert str(event.expires_at.year) in attributes["expires-at"]


async def test_nobody_else_reads_it(world: World) -> None:
    await world.registered()
    path = f"/v1/message-contents/{(await world.events(MessageRequested))[-1].message_id}/"
    assert (await world.client.get(path)).status_code == 401
    assert (await world.client.as_().get(path)).status_code == 403
    assert (await world.client.as_operator().get(path)).status_code == 403
    assert (await world.client.as_service("orgs").get(f"/v1/message-contents/{uuid4()}/")).status_code == 404


async def test_it_is_sealed_and_goes_when_it_has_expired(world: World) -> None:
    username = email()
    _, code = await world.registered(username)
    dump = str(await world.rows("SELECT m::text, encode(m.sealed, 'escape') FROM message_contents m"))
    assert username not in dump
    assert code not in dump
    assert code not in str(await world.rows("SELECT c::text FROM codes c"))
    announced = str(await world.rows("SELECT o::text FROM outbox o"))
    assert code not in announced
    assert username not in announced
    path = f"/v1/message-contents/{(await world.events(MessageRequested))[-1].message_id}/"
    await world.rows("UPDATE message_contents SET expires_at = now() - interval '1 second'")
    assert (await world.client.as_service("notifications").get(path)).status_code == 404
    await sweep(world.runtime)
    assert await world.rows("SELECT id FROM message_contents") == []


async def test_it_says_in_which_time_zone_the_person_is(world: World) -> None:
    username, _ = await world.registered()
    event = (await world.events(MessageRequested))[-1]
    path = f"/v1/message-contents/{event.message_id}/"
    service = world.client.as_service("notifications")
    await world.rows("UPDATE users SET tz = NULL WHERE username = :username RETURNING id", username=username)
    assert (await service.get(path)).json()["data"]["attributes"]["tz"] is None
    zone = "America/Phoenix"
    await world.rows("UPDATE users SET tz = :tz WHERE username = :username RETURNING id", tz=zone, username=username)
    listed = await service.get("/v1/message-contents/", params={"ids": str(event.message_id)})
    assert listed.json()["data"][0]["attributes"]["tz"] == zone
