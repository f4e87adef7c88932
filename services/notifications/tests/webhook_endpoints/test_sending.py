"""Events on their way: signed, once, tried again, given up."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import uuid4

import pytest
from contracts.artifacts import ProfileCreated
from contracts.identity import MessageRequested
from contracts.orgs import GroupCreated, GroupPeopleChanged, IndividualUpdated
from kernel import now
from notifications.webhook_endpoints.deliveries import claiming, dispatch, sending, settling
from notifications.webhook_endpoints.deliveries.dispatch import send_webhooks
from standardwebhooks import WebhookVerificationError
from webhook_world import PATH, Hooks, verified


async def test_an_event_arrives_signed_and_thin(hooks, receiver):
    made = await hooks.make()
    event = GroupCreated(
        group_id=uuid4(),
        organization_id=hooks.organization,
        parent_id=None,
        name="Ana Ruiz's group",
        node_type="group",
        type="team",
    )
    event_id = await hooks.announce(event)
    assert await hooks.work() == 1
    (call,) = receiver.calls
    body = verified(made["attributes"]["secret"], call)
    assert body.pop("time")
    assert body == {
        "specversion": "1.0",
        "id": str(event_id),
        "source": "/orgs",
        "type": "muster.orgs.group.created.v1",
        "subject": str(event.group_id),
        "tenantid": str(hooks.organization),
        "datacontenttype": "application/json",
        "data": {
            "group_id": str(event.group_id),
            "organization_id": str(hooks.organization),
            "parent_id": None,
            "node_type": "group",
        },
    }
    assert b"Ana" not in call.body
    assert call.headers["webhook-id"] == str(event_id)
    assert call.headers["content-type"] == "application/json"
    assert not {"traceparent", "authorization", "cookie"} & set(call.headers)
    with pytest.raises(WebhookVerificationError):
        verified(made["attributes"]["secret"], call._replace(body=call.body + b" "))
    with pytest.raises(WebhookVerificationError):
        verified("whsec_" + "A" * 43 + "=", call)


async def test_an_organization_hears_of_its_own_events_only(hooks, receiver):
    await hooks.make()
    await hooks.announce(hooks.moved(uuid4()))
    await hooks.announce(IndividualUpdated(individual_id=uuid4(), owner_id=uuid4(), owner_type="user"))
    private = MessageRequested(
        message_id=uuid4(), type="verify-email", channel="email", organization_id=hooks.organization
    )
    await hooks.announce(private)
    await hooks.announce(at=now() - timedelta(minutes=1))
    await hooks.work()
    assert receiver.calls == []


async def test_an_endpoint_hears_of_the_events_that_it_asked_for(hooks, receiver):
    made = await hooks.make(event_types=["muster.artifacts.profile.created.v1"])
    await hooks.announce()
    wanted = await hooks.announce(ProfileCreated(profile_id=uuid4(), organization_id=hooks.organization))
    await hooks.work()
    assert receiver.ids == [str(wanted)]
    assert (await hooks.change(made, event_types=[])).status_code == 200
    await hooks.announce()
    await hooks.work()
    assert len(receiver.calls) == 2


async def test_an_event_that_comes_ten_times_is_sent_once_to_each_endpoint(hooks, receiver):
    await hooks.make()
    await hooks.make(description="another")
    event = hooks.moved()
    first = await hooks.announce(event)
    for _ in range(4):
        await hooks.announce(event, event_id=first)
    await hooks.work()
    await asyncio.gather(*(hooks.announce(event, event_id=first) for _ in range(5)))
    await hooks.work()
    assert receiver.ids == [str(first)] * 2


async def test_long_lists_are_left_out_and_named(hooks, receiver):
    await hooks.make()
    many = tuple(uuid4() for _ in range(101))
    await hooks.announce(
        GroupPeopleChanged(
            group_id=uuid4(), organization_id=hooks.organization, kind="member", added=many, removed=many[:100]
        )
    )
    await hooks.work()
    body = json.loads(receiver.calls[0].body)
    assert body["omitted"] == ["added"]
    assert "added" not in body["data"]
    assert len(body["data"]["removed"]) == 100


async def test_both_keys_sign_while_one_takes_over(hooks, receiver):
    made = await hooks.make()
    first = made["attributes"]["secret"]

    async def rotate(hours):
        body = {"data": {"type": "webhook-secret-rotations", "attributes": {"overlap-hours": hours}}}
        answer = await hooks.admin.post(f"{PATH}{made['id']}/rotate-secret/", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]["attributes"]["secret"]

    second = await rotate(24)
    await hooks.tell()
    assert verified(first, receiver.calls[-1]) == verified(second, receiver.calls[-1])
    await hooks.run("UPDATE webhook_endpoints SET old_secret_until = now()")
    await hooks.tell()
    verified(second, receiver.calls[-1])
    with pytest.raises(WebhookVerificationError):
        verified(first, receiver.calls[-1])
    third = await rotate(0)
    await hooks.tell()
    verified(third, receiver.calls[-1])
    with pytest.raises(WebhookVerificationError):
        verified(second, receiver.calls[-1])
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("said", "status", "reason"),
    [
        (500, 500, None),
        (400, 400, None),
        ((302, {"location": "/elsewhere"}), 302, None),
        ("close", None, "connection"),
        ("slow", None, "time"),
        ("endless", None, "time"),
    ],
    ids=["fault", "refusal", "redirect", "close", "slow", "endless"],
)
async def test_what_is_not_taken_is_tried_again(hooks, receiver, monkeypatch, said, status, reason):
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    made, began = await hooks.make(), now()
    event_id = await hooks.tell(said)
    row = await hooks.delivery(event_id)
    assert (row["status"], row["last_status"], row["reason"]) == ("pending", status, reason)
    assert (row["next_attempt_at"] - began).total_seconds() >= 3
    assert (row["next_attempt_at"] - now()).total_seconds() <= 6.3
    assert (await hooks.endpoint(made))["failing-since"] is not None
    await hooks.work()
    assert len(receiver.calls) == 1
    await hooks.all_due()
    await hooks.work()
    assert receiver.ids == [str(event_id)] * 2
    assert receiver.calls[0].body == receiver.calls[1].body
    assert (await hooks.delivery(event_id))["status"] == "delivered"
    assert (await hooks.endpoint(made))["failing-since"] is None


async def test_an_answer_is_read_a_little_and_kept_as_text(hooks, receiver):
    made = await hooks.make()
    await hooks.tell("huge")
    await hooks.tell((500, b"\xff\x00 broken"))
    broken, huge = await hooks.log(made)
    tries = {}
    for delivery in (broken, huge):
        answer = await hooks.admin.get(f"{PATH}{made['id']}/deliveries/{delivery['id']}/attempts/")
        ((one,), meta) = answer.json()["data"], answer.json()["meta"]
        assert meta["page[total]"] == 1
        tries[delivery["id"]] = one["attributes"]
    assert tries[huge["id"]]["answer"] == "x" * 1024
    assert tries[huge["id"]]["status"] == 200
    assert tries[broken["id"]]["answer"] == "\ufffd\ufffd broken"
    assert tries[broken["id"]]["duration-milliseconds"] >= 0
    assert (broken["attributes"]["status"], huge["attributes"]["status"]) == ("pending", "delivered")


async def test_a_receiver_says_when_to_come_again(hooks, receiver):
    await hooks.make()
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=900), usegmt=True)
    for asked, expected in (("600", 600), (later, 900), ("soon", 5), ("-5", 5), ("9" * 30, 86400)):
        began = now()
        event_id = await hooks.tell((429, {"retry-after": asked}))
        due = (await hooks.delivery(event_id))["next_attempt_at"]
        assert began + timedelta(seconds=expected * 0.7) <= due <= now() + timedelta(seconds=expected * 1.3)
        if expected >= 600:
            await hooks.announce()
            assert await hooks.work() == 0, "the receiver wants none of the others, either"
        await hooks.run("DELETE FROM webhook_deliveries")
        await hooks.run("UPDATE webhook_endpoints SET hold_until = NULL, failures = 0")


async def test_a_delivery_is_given_up_after_a_day(hooks, receiver):
    await hooks.make()
    receiver.script = [503] * 20
    event_id = await hooks.announce()
    while await hooks.work():
        await hooks.all_due()
    assert len(receiver.calls) == len(settling.WAITS) + 1
    row = await hooks.delivery(event_id)
    assert (row["status"], row["attempts"], row["lease_id"]) == ("failed", 11, None)
    assert sum(settling.WAITS) < claiming.TRIED_FOR.total_seconds()
    late = await hooks.announce()
    await hooks.work()
    await hooks.run(
        "UPDATE webhook_deliveries SET next_attempt_at = now(), ends_at = now() WHERE event_id = :id", id=late
    )
    await hooks.work()
    assert (await hooks.delivery(late))["status"] == "failed"


async def test_a_receiver_that_is_gone_is_not_asked_again(hooks, receiver):
    made = await hooks.make()
    event_id = await hooks.tell(410)
    assert (await hooks.delivery(event_id))["status"] == "failed"
    told = await hooks.endpoint(made)
    assert (told["status"], told["paused-reason"]) == ("paused", "gone")
    (announced,) = await hooks.events("paused")
    assert announced["payload"]["reason"] == "gone"
    await hooks.announce()
    await hooks.work()
    assert len(await hooks.log(made)) == 1
    assert (await hooks.change(made, status="active")).status_code == 200
    await hooks.tell()
    assert len(receiver.calls) == 2


async def test_an_endpoint_that_takes_nothing_for_a_day_is_paused_and_what_waits_is_sent_later(hooks, receiver):
    made = await hooks.make()
    for _ in range(settling.PAUSE_FAILURES):
        await hooks.tell(500)
    assert (await hooks.endpoint(made))["status"] == "active"
    await hooks.run("UPDATE webhook_endpoints SET failing_since = now() - interval '25 hours'")
    await hooks.tell(500)
    told = await hooks.endpoint(made)
    assert (told["status"], told["paused-reason"]) == ("paused", "failing")
    assert len(await hooks.events("paused")) == 1
    calls = len(receiver.calls)
    await hooks.all_due()
    waiting = await hooks.announce()
    assert await hooks.work() == 0
    assert (await hooks.change(made, status="active")).json()["data"]["attributes"]["failing-since"] is None
    assert await hooks.work() == settling.PAUSE_FAILURES + 2
    assert str(waiting) in receiver.ids[calls:]


async def test_two_workers_send_a_delivery_once(hooks, receiver):
    await hooks.make()
    receiver.delay = 0.1
    sent = [await hooks.announce() for _ in range(3)]
    assert sum(await asyncio.gather(*(hooks.work() for _ in range(8)))) == 3
    assert sorted(receiver.ids) == sorted(map(str, sent))


async def test_what_a_dead_worker_held_is_sent_again_and_its_late_word_does_not_count(hooks, receiver):
    await hooks.make()
    event_id = await hooks.announce()
    async with hooks.runtime.sessions.begin() as session:
        (held,) = await claiming.claim(session, 10)
    assert await hooks.work() == 0
    await hooks.all_due()
    assert await hooks.work() == 1
    late = settling.Outcome(attempted_at=now(), duration_ms=1, status=500)
    assert await settling.settle(hooks.runtime, [(held, late)]) == {}
    row = await hooks.delivery(event_id)
    assert (row["status"], row["attempts"]) == ("delivered", 2)
    assert len(await hooks.rows("SELECT * FROM webhook_attempts WHERE delivery_id = :id", id=row["id"])) == 1


async def test_one_endpoint_holds_up_no_other(hooks, receiver):
    slow = await hooks.make(f"{receiver.url}&slow")
    await hooks.make(f"{receiver.url}&other", event_types=["muster.artifacts.profile.created.v1"])
    for _ in range(10):
        await hooks.announce()
    await hooks.announce(ProfileCreated(profile_id=uuid4(), organization_id=hooks.organization))
    async with hooks.runtime.sessions.begin() as session:
        claimed = await claiming.claim(session, 100)
    assert sorted(one.url.rpartition("&")[2] for one in claimed) == ["other"] + ["slow"] * claiming.MOST_AT_ONE
    async with hooks.runtime.sessions.begin() as session:
        assert await claiming.claim(session, 100) == []
    await hooks.all_due()
    await hooks.run("UPDATE webhook_endpoints SET failures = 3 WHERE id = :id", id=slow["id"])
    async with hooks.runtime.sessions.begin() as session:
        claimed = await claiming.claim(session, 100)
    assert len([one for one in claimed if one.url.endswith("slow")]) == 1


async def test_an_organization_with_much_to_send_holds_up_no_other(hooks, live, neighbours, receiver):
    many, few = hooks, Hooks(live, neighbours, receiver)
    for _ in range(4):
        await many.make()
    for _ in range(6):
        await many.announce()
    await few.make()
    last = await few.announce()
    async with hooks.runtime.sessions.begin() as session:
        first = await claiming.claim(session, 4)
    assert [one.organization_id for one in first].count(few.organization) == 1
    later = await few.announce()
    async with hooks.runtime.sessions.begin() as session:
        second = await claiming.claim(session, 1)
    assert [one.event_id for one in second] == [later], "who has less under way comes first"
    assert last in {one.event_id for one in first}
    async with hooks.runtime.sessions.begin() as session:
        rest = await claiming.claim(session, 100)
    assert len([one for one in [*first, *second, *rest] if one.organization_id == many.organization]) == 12


async def test_the_worker_wakes_for_news_and_stops_cleanly(hooks, receiver, monkeypatch):
    monkeypatch.setattr(dispatch, "POLL_SECONDS", 3600)
    await hooks.make()
    task = asyncio.create_task(send_webhooks(hooks.runtime))
    await asyncio.sleep(0.1)
    await hooks.announce()
    await asyncio.wait_for(receiver.arrived.wait(), 30)
    receiver.arrived.clear()
    receiver.delay = 0.3
    last = await hooks.announce()
    await asyncio.wait_for(receiver.arrived.wait(), 30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await hooks.delivery(last))["status"] == "delivered"


async def test_two_workers_share_what_waits(hooks, receiver):
    await hooks.make()
    sent = [await hooks.announce() for _ in range(40)]
    receiver.delay = 0.02
    tasks = [asyncio.create_task(send_webhooks(hooks.runtime)) for _ in range(2)]
    while await hooks.rows("SELECT 1 FROM webhook_deliveries WHERE status = 'pending' LIMIT 1"):
        await asyncio.sleep(0.05)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sorted(receiver.ids) == sorted(map(str, sent))
    assert receiver.most_under_way <= 2 * claiming.MOST_AT_ONE


async def test_a_key_that_cannot_be_opened_stops_no_other_endpoint(hooks, receiver):
    broken = await hooks.make()
    await hooks.run("UPDATE webhook_endpoints SET secret = sha256('x') WHERE id = :id", id=broken["id"])
    fine = await hooks.make()
    event_id = await hooks.announce()
    task = asyncio.create_task(send_webhooks(hooks.runtime))
    await asyncio.wait_for(receiver.arrived.wait(), 30)
    await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    rows = await hooks.rows("SELECT endpoint_id, status FROM webhook_deliveries WHERE event_id = :id", id=event_id)
    assert {str(row["endpoint_id"]): row["status"] for row in rows} == {
        broken["id"]: "pending",
        fine["id"]: "delivered",
    }


async def test_neither_keys_nor_addresses_are_logged(hooks, receiver, capfd):
    made = await hooks.make(f"{receiver.url}&token=planted-8841")
    await hooks.tell((500, b"planted-8841"))
    out, err = capfd.readouterr()
    assert "planted-8841" not in out + err
    assert made["attributes"]["secret"][6:] not in out + err
