"""The log, sending again, and tests."""

from datetime import timedelta

import pytest
from kernel import now, rfc3339
from notifications.upkeep import sweep
from notifications.webhook_endpoints import forgetting
from notifications.webhook_endpoints.deliveries import replaying
from webhook_world import PATH, verified


def since(time, **attributes):
    given = {"since": rfc3339(time)} | {name.replace("_", "-"): value for name, value in attributes.items()}
    return {"data": {"type": "webhook-replays", "attributes": given}}


async def given_up(hooks):
    """An event that nobody took."""
    event_id = await hooks.tell(500)
    await hooks.run("UPDATE webhook_deliveries SET next_attempt_at = now(), tries = 10 WHERE status = 'pending'")
    hooks.receiver.script = [500]
    await hooks.work()
    assert (await hooks.delivery(event_id))["status"] == "failed"
    return event_id


async def test_a_delivery_is_sent_again_under_its_id(hooks, receiver):
    made = await hooks.make()
    event_id = await given_up(hooks)
    (delivery,) = await hooks.log(made)
    one = f"{PATH}{made['id']}/deliveries/{delivery['id']}/"
    answer = await hooks.admin.post(f"{one}replay/")
    assert answer.status_code == 201
    told = answer.json()["data"]["attributes"]
    assert (told["status"], told["settled-time"]) == ("pending", None)
    assert await hooks.work() == 1
    assert receiver.ids == [str(event_id)] * 3
    verified(made["attributes"]["secret"], receiver.calls[-1])
    again = await hooks.admin.post(f"{one}replay/")
    assert again.status_code == 201, "what was delivered may be sent again, too"
    receiver.script = [503]
    await hooks.work()
    row = await hooks.delivery(event_id)
    assert (row["status"], row["attempts"], row["tries"]) == ("pending", 4, 1)
    tries = (await hooks.admin.get(f"{one}attempts/")).json()["data"]
    assert [one["attributes"]["status"] for one in tries] == [503, 204, 500, 500]
    assert [one["id"] for one in tries] == ["4", "3", "2", "1"]


async def test_all_that_was_given_up_since_then_is_sent_again(hooks, receiver):
    made = await hooks.make()
    old, lost = await given_up(hooks), await given_up(hooks)
    taken = await hooks.tell(204)
    await hooks.run(
        "UPDATE webhook_deliveries SET created_at = now() - interval '2 hours' WHERE event_id = :id", id=old
    )
    one, hour = f"{PATH}{made['id']}/replay/", now() - timedelta(hours=1)
    receiver.calls.clear()
    answer = await hooks.admin.post(one, json=since(hour))
    assert answer.status_code == 201
    assert (answer.json()["meta"]["replayed"], answer.json()["meta"]["complete"]) == (1, True)
    await hooks.work()
    assert receiver.ids == [str(lost)]
    answer = await hooks.admin.post(one, json=since(hour, include_delivered=True))
    assert answer.json()["meta"]["replayed"] == 2
    await hooks.work()
    assert sorted(receiver.ids[1:]) == sorted([str(lost), str(taken)])
    assert (await hooks.admin.post(one, json=since(now() + timedelta(days=1)))).json()["meta"] == {
        "replayed": 0,
        "complete": True,
        "until": None,
    }


async def test_many_are_sent_again_in_steps(hooks, receiver, monkeypatch):
    monkeypatch.setattr(replaying, "MOST_AT_ONCE", 2)
    made = await hooks.make()
    for _ in range(3):
        await hooks.tell()
    await hooks.run("UPDATE webhook_deliveries SET status = 'failed'")
    start, counts = now() - timedelta(hours=1), []
    while True:
        meta = (await hooks.admin.post(f"{PATH}{made['id']}/replay/", json=since(start))).json()["meta"]
        counts.append(meta["replayed"])
        if meta["complete"]:
            break
    assert counts == [2, 1]


@pytest.mark.parametrize("attributes", [{}, {"since": "yesterday"}, {"since": "2026-01-01T00:00:00"}, {"until": "x"}])
async def test_a_replay_needs_a_time(hooks, attributes):
    made = await hooks.make()
    body = {"data": {"type": "webhook-replays", "attributes": attributes}}
    assert (await hooks.admin.post(f"{PATH}{made['id']}/replay/", json=body)).status_code == 400


async def test_nothing_is_sent_again_while_it_is_paused(hooks, receiver):
    made = await hooks.make()
    await given_up(hooks)
    (delivery,) = await hooks.log(made)
    await hooks.change(made, status="paused")
    for path, body in (("replay/", since(now())), (f"deliveries/{delivery['id']}/replay/", None)):
        answer = await hooks.admin.post(f"{PATH}{made['id']}/{path}", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "endpoint-paused")


async def test_a_test_is_sent_once_even_while_the_endpoint_is_paused(hooks, receiver):
    made = await hooks.make(event_types=["muster.orgs.group.moved.v1"])
    await hooks.change(made, status="paused")
    receiver.script = [500]
    answer = await hooks.admin.post(f"{PATH}{made['id']}/test/")
    assert answer.status_code == 201
    assert answer.json()["data"]["attributes"]["test"] is True
    assert await hooks.work() == 1
    body = verified(made["attributes"]["secret"], receiver.calls[0])
    assert body["type"] == "muster.webhooks.endpoint.tested.v1"
    assert body["tenantid"] == str(hooks.organization)
    (delivery,) = await hooks.log(made)
    assert (delivery["attributes"]["status"], delivery["attributes"]["last-status"]) == ("failed", 500)
    assert delivery["attributes"]["payload"] == body
    assert (await hooks.endpoint(made))["failing-since"] is None
    for _ in range(19):
        assert (await hooks.admin.post(f"{PATH}{made['id']}/test/")).status_code == 201
    refused = await hooks.admin.post(f"{PATH}{made['id']}/test/")
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert await hooks.work() == 19


async def test_the_log_is_filtered(hooks, receiver):
    made = await hooks.make()
    lost, taken = await given_up(hooks), await hooks.tell()
    assert [one["attributes"]["event-id"] for one in await hooks.log(made)] == [str(taken), str(lost)]

    async def found(**parameters):
        return [one["attributes"]["event-id"] for one in await hooks.log(made, **parameters)]

    assert await found(**{"filter[status]": "failed"}) == [str(lost)]
    assert await found(**{"filter[event-id]": str(taken)}) == [str(taken)]
    assert len(await found(**{"filter[event-type]": "muster.orgs.group.moved.v1"})) == 2
    assert await found(**{"filter[event-type]": "muster.orgs.group.created.v1"}) == []
    assert await found(**{"filter[created-time][gte]": rfc3339(now() + timedelta(minutes=1))}) == []
    assert len(await found(**{"filter[created-time][lte]": rfc3339(now() + timedelta(minutes=1))})) == 2
    assert len(await found(**{"page[limit]": "1"})) == 1
    for wrong in (
        {"filter[status]": "lost"},
        {"filter[event-id]": "x"},
        {"filter[created-time][gte]": "x"},
        {"x": "y"},
    ):
        assert (await hooks.admin.get(f"{PATH}{made['id']}/deliveries/", params=wrong)).status_code == 400


async def test_the_log_is_kept_for_thirty_days(hooks, receiver, monkeypatch):
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    made = await hooks.make()
    for _ in range(5):
        await hooks.tell()
    kept = await hooks.tell()
    await hooks.run(
        "UPDATE webhook_deliveries SET created_at = now() - interval '31 days' WHERE event_id <> :id", id=kept
    )
    await sweep(hooks.runtime)
    assert [one["attributes"]["event-id"] for one in await hooks.log(made)] == [str(kept)]
