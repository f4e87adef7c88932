"""Endpoints: made, listed, changed, removed, by whom, and what is refused."""

from base64 import b64decode
from uuid import uuid4

import pytest
from notifications.upkeep import sweep
from notifications.webhook_endpoints import catalogue, commands
from notifications.webhook_endpoints.schemas import MOST_OVERLAP_HOURS
from testkit.principals import key_token
from testkit.races import race
from webhook_world import PATH, Hooks

ROTATION = {"data": {"type": "webhook-secret-rotations", "attributes": {}}}


async def test_the_key_is_shown_once_and_kept_sealed(hooks):
    made = await hooks.make(description="Ward board")
    secret = made["attributes"].pop("secret")
    assert secret.startswith("whsec_")
    plain = b64decode(secret.removeprefix("whsec_"))
    assert len(plain) == 32
    (row,) = await hooks.rows("SELECT secret FROM webhook_endpoints")
    assert plain not in bytes(row["secret"])
    assert (await hooks.admin.get(f"{PATH}{made['id']}/")).json()["data"] == made
    assert (await hooks.admin.get(PATH)).json()["data"] == [made]
    assert made["attributes"]["organization-id"] == str(hooks.organization)
    assert made["attributes"]["event-types"] == []
    assert (made["attributes"]["status"], made["attributes"]["paused-reason"]) == ("active", None)
    assert len(await hooks.events("created")) == 1


async def test_a_repeated_request_makes_no_second_endpoint_and_tells_no_key_again(hooks):
    headers = {"idempotency-key": str(uuid4())}
    assert (await hooks.admin.post(PATH, json=hooks.body(), headers=headers)).status_code == 201
    again = await hooks.admin.post(PATH, json=hooks.body(), headers=headers)
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "idempotency-answer-secret")
    assert len((await hooks.admin.get(PATH)).json()["data"]) == 1


@pytest.mark.parametrize(
    ("attributes", "pointer"),
    [
        ({"url": "http://example.com/"}, "url"),
        ({"url": "ftp://example.com/"}, "url"),
        ({"url": "https://user:word@example.com/"}, "url"),
        ({"url": "https://example.com/#part"}, "url"),
        ({"url": "https://example.com:25/"}, "url"),
        ({"url": "https://example.com/" + "x" * 2048}, "url"),
        ({"url": ""}, "url"),
        ({"url": 7}, "url"),
        ({"description": "x" * 501}, "description"),
        ({"description": "\x00"}, "description"),
        ({"event-types": ["muster.orgs.group.moved"]}, "event-types/0"),
        ({"event-types": ["muster.orgs.group.moved.v1", "muster.identity.message.requested.v1"]}, "event-types/1"),
        ({"event-types": ["muster.orgs.organization_code.created.v1"]}, "event-types/0"),
        ({"event-types": ["x"] * 201}, "event-types"),
        ({"event-types": "all"}, "event-types"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"status": "paused"}, "status"),
        ({"organization-id": "mine"}, "organization-id"),
    ],
)
async def test_what_cannot_be_an_endpoint_is_refused(hooks, attributes, pointer):
    body = hooks.body()
    body["data"]["attributes"] |= attributes
    answer = await hooks.admin.post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == f"/data/attributes/{pointer}"


async def test_changes_are_refused_alike(hooks):
    made = await hooks.make()
    for changes in ({"url": "http://example.com/"}, {"event_types": ["x"]}, {"status": "deleted"}, {"secret": "x"}):
        assert (await hooks.change(made, **changes)).status_code == 400
    for hours in (-1, MOST_OVERLAP_HOURS + 1, "1", None):
        body = {"data": {"type": "webhook-secret-rotations", "attributes": {"overlap-hours": hours}}}
        assert (await hooks.admin.post(f"{PATH}{made['id']}/rotate-secret/", json=body)).status_code == 400
    assert await hooks.endpoint(made) == {name: value for name, value in made["attributes"].items() if name != "secret"}


async def test_an_endpoint_is_changed_paused_and_goes_on(hooks, receiver):
    made = await hooks.make()
    types = ["muster.orgs.group.updated.v1", "muster.orgs.group.moved.v1", "muster.orgs.group.moved.v1"]
    changed = await hooks.change(made, description="Board", event_types=types, status="paused")
    told = changed.json()["data"]["attributes"]
    assert told["description"] == "Board"
    assert told["event-types"] == sorted(set(types))
    assert (told["status"], told["paused-reason"]) == ("paused", "asked")
    assert told["paused-time"] is not None
    await hooks.announce()
    assert await hooks.work() == 0
    assert (await hooks.change(made, status="active")).json()["data"]["attributes"]["paused-time"] is None
    assert await hooks.work() == 1
    assert [event["payload"]["status"] for event in await hooks.events("updated")] == ["paused", "active"]
    assert (await hooks.change(made, status="active")).status_code == 200
    assert len(await hooks.events("updated")) == 2, "what changes nothing is not announced"


async def test_an_endpoint_that_was_removed_is_gone_with_its_log(hooks, receiver):
    made = await hooks.make()
    await hooks.tell(500)
    await hooks.admin.post(f"{PATH}{made['id']}/test/")
    assert (await hooks.admin.delete(f"{PATH}{made['id']}/")).status_code == 204
    assert (await hooks.admin.get(f"{PATH}{made['id']}/")).status_code == 404
    assert (await hooks.admin.get(f"{PATH}{made['id']}/deliveries/")).status_code == 404
    assert (await hooks.admin.get(PATH)).json()["data"] == []
    await hooks.announce()
    await hooks.all_due()
    assert await hooks.work() == 0
    (row,) = await hooks.rows("SELECT url, secret, old_secret FROM webhook_endpoints")
    assert (row["url"], bytes(row["secret"]), row["old_secret"]) == ("", b"", None)
    assert len(await hooks.events("deleted")) == 1
    await sweep(hooks.runtime)
    for table in ("webhook_endpoints", "webhook_deliveries", "webhook_attempts"):
        assert await hooks.rows(f"SELECT 1 FROM {table}") == []


async def test_an_organization_has_twenty_at_most_however_fast_it_asks(hooks, monkeypatch):
    monkeypatch.setattr(commands, "MOST_ENDPOINTS", 5)
    answers = await race(lambda _: hooks.admin.post(PATH, json=hooks.body()), 10)
    assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 5
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert refused.json()["errors"][0]["code"] == "too-many-endpoints"


def operations(made, delivery_id):
    """Every operation on one endpoint."""
    one = f"{PATH}{made['id']}/"
    change = {"data": {"type": "webhook-endpoints", "id": made["id"], "attributes": {"description": "mine"}}}
    since = {"data": {"type": "webhook-replays", "attributes": {"since": "2026-01-01T00:00:00Z"}}}
    return [
        ("GET", one, None),
        ("PATCH", one, change),
        ("POST", f"{one}rotate-secret/", ROTATION),
        ("POST", f"{one}test/", None),
        ("GET", f"{one}deliveries/", None),
        ("GET", f"{one}deliveries/{delivery_id}/", None),
        ("GET", f"{one}deliveries/{delivery_id}/attempts/", None),
        ("POST", f"{one}deliveries/{delivery_id}/replay/", None),
        ("POST", f"{one}replay/", since),
        ("DELETE", one, None),
    ]


async def test_another_organizations_endpoint_is_not_there(hooks, live, neighbours, receiver):
    made = await hooks.make()
    event_id = await hooks.tell()
    delivery = str((await hooks.delivery(event_id))["id"])
    other = Hooks(live, neighbours, receiver)
    for method, path, body in operations(made, delivery):
        assert (await other.admin.request(method, path, json=body)).status_code == 404, path
    member = live.as_(organization_id=hooks.organization, roles=("org.member",))
    for method, path, body in operations(made, delivery):
        assert (await member.request(method, path, json=body)).status_code == 403, path
    theirs = await other.make()
    assert (await other.admin.get(f"{PATH}{theirs['id']}/deliveries/{delivery}/")).status_code == 404
    assert [one["id"] for one in (await other.admin.get(PATH)).json()["data"]] == [theirs["id"]]
    mine = hooks.body(organization_id=str(hooks.organization))
    assert (await other.admin.post(PATH, json=mine)).status_code == 404
    assert (await other.admin.get(PATH, params={"organization-id": str(hooks.organization)})).status_code == 404


async def test_operators_staff_see_all_and_the_operator_changes_all(hooks, live):
    made = await hooks.make()
    support, operator = live.as_(roles=("system.support",)), live.as_operator()
    assert made["id"] in {one["id"] for one in (await support.get(PATH)).json()["data"]}
    assert (await support.get(f"{PATH}{made['id']}/")).status_code == 200
    assert (await support.delete(f"{PATH}{made['id']}/")).status_code == 404
    missing = await operator.post(PATH, json=hooks.body())
    assert missing.json()["errors"][0]["source"]["pointer"] == "/data/attributes/organization-id"
    named = hooks.body(organization_id=str(hooks.organization))
    assert (await operator.post(PATH, json=named)).status_code == 201
    assert (await operator.delete(f"{PATH}{made['id']}/")).status_code == 204


async def test_a_key_does_what_its_scope_and_its_person_may_in_its_organization(hooks, live, neighbours):
    made = await hooks.make()

    def key(*scopes, **whose):
        standing = {"organization_id": hooks.organization, "user_id": hooks.user} | whose
        return live.with_token(key_token(scopes=scopes, **standing))

    reader, writer = key("webhook:read"), key("webhook:write", "webhook:read")
    assert (await reader.get(f"{PATH}{made['id']}/")).status_code == 200
    assert (await reader.delete(f"{PATH}{made['id']}/")).status_code == 403
    assert (await writer.post(PATH, json=hooks.body())).status_code == 201
    assert (await key("webhook:write", user_id=uuid4()).post(PATH, json=hooks.body())).status_code == 403
    elsewhere = uuid4()
    neighbours.admins.add(f"{hooks.user} organization:{elsewhere}:write")
    bound = key("webhook:write", "webhook:read", organization_id=elsewhere)
    assert (await bound.get(f"{PATH}{made['id']}/")).status_code == 404
    assert (await bound.get(PATH)).json()["data"] == []
    named = hooks.body(organization_id=str(hooks.organization))
    assert (await bound.post(PATH, json=named)).status_code == 404


async def test_nobody_gets_a_key_in_another_persons_name(hooks, live):
    made = await hooks.make()
    acting = live.as_(
        user_id=hooks.user,
        organization_id=hooks.organization,
        roles=("org.admin",),
        act={"sub": str(uuid4()), "sid": str(uuid4())},
    )
    assert (await acting.post(PATH, json=hooks.body())).status_code == 403
    assert (await acting.post(f"{PATH}{made['id']}/rotate-secret/", json=ROTATION)).status_code == 403


async def test_what_an_endpoint_can_hear_of_is_listed(hooks):
    answer = await hooks.admin.get(f"{PATH}event-types/")
    listed = {one["id"]: one["attributes"] for one in answer.json()["data"]}
    assert list(listed) == sorted(catalogue.event_types())
    assert listed["muster.orgs.group.moved.v1"]["members"] == ["group_id", "organization_id", "parent_id"]
    assert all(one["description"] for one in listed.values())
    assert (await hooks.make(event_types=list(listed)))["attributes"]["event-types"] == list(listed)


async def test_without_a_key_of_its_own_the_platform_has_no_webhooks(hooks):
    import msgspec

    before = hooks.runtime.settings
    hooks.runtime.settings = msgspec.structs.replace(before, webhook_key="")
    refused = await hooks.admin.post(PATH, json=hooks.body())
    hooks.runtime.settings = before
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (503, "webhooks-off")
