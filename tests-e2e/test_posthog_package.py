"""PostHog's own Python package, as it is published, with the gateway as its host."""

import asyncio
from typing import Any

from journeys import Gateway, new_organization, new_staff, unique, until
from platforms import Platform
from posthog import Posthog

ADMIN = "018f0000-0000-7000-8000-000000000001"
PROJECT = "/api/projects/@current"


async def _token(admin: Gateway) -> str:
    async def found() -> str | None:
        answer = await admin.call("GET", f"{PROJECT}/capture-token/")
        return answer.json()["token"] if answer.is_success else None

    return await until(found)


async def _members(admin: Gateway, **cohort: Any) -> list[dict[str, Any]]:
    """The persons of a new cohort, once it is calculated and has some."""
    made = await admin.post(f"{PROJECT}/cohorts/", {"name": unique("cohort")} | cohort)

    async def counted() -> dict[str, Any] | None:
        shown = await admin.get(f"{PROJECT}/cohorts/{made['id']}/")
        assert shown["errors_calculating"] == 0, shown
        return shown if shown["count"] and not shown["is_calculating"] else None

    await until(counted)
    return (await admin.get(f"{PROJECT}/cohorts/{made['id']}/persons/"))["results"]


def _use(token: str, host: str) -> list[Any]:
    """Everything that an application does with persons. Returns what went wrong."""
    wrong: list[Any] = []
    client = Posthog(token, host=host, gzip=True, on_error=lambda error, _: wrong.append(error), flush_at=20)
    for number in range(55):
        client.capture("viewed", distinct_id="anon-1", properties={"page": number})
    client.capture("bought", distinct_id="ann", properties={"price": 30, "$set_once": {"first_shop": "north"}})
    client.set(distinct_id="ann", properties={"plan": "pro", "beta": True})
    client.set_once(distinct_id="ann", properties={"plan": "free", "source": "ad"})
    client.capture("$identify", distinct_id="ann", properties={"$anon_distinct_id": "anon-1"})
    client.capture("left beta", distinct_id="ann", properties={"$unset": ["beta"]})
    client.alias(previous_id="ann", distinct_id="ann@shop.example")
    client.capture("bought", distinct_id="bob", properties={"price": 3})
    client.capture("looked around")
    client.flush()
    client.shutdown()
    return wrong


async def test_the_published_package(operator: Gateway, platform: Platform) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    token = await _token(admin)
    assert await asyncio.to_thread(_use, token, platform.gateway) == []
    bought = {"type": "behavioral", "key": "bought", "value": "performed_event", "event_type": "events"}
    window = {"time_value": 30, "time_interval": "day"}
    pro = {"type": "person", "key": "plan", "operator": "exact", "value": "pro"}
    (ann,) = await _members(admin, filters={"properties": {"type": "AND", "values": [bought | window, pro]}})
    assert sorted(ann["distinct_ids"]) == ["ann", "ann@shop.example", "anon-1"]
    assert ann["properties"] == {"plan": "pro", "source": "ad", "first_shop": "north"}
    assert ann["is_identified"]
    viewed = "select person_id from events where event = 'viewed' group by person_id having count() = 55"
    (same,) = await _members(admin, is_static=True, query={"kind": "HogQLQuery", "query": viewed})
    assert same["uuid"] == ann["uuid"]
    again = bought | window | {"key": "$cohort_entered"}
    (same,) = await _members(admin, filters={"properties": {"type": "AND", "values": [again, pro]}})
    assert same["uuid"] == ann["uuid"]


async def test_another_token_takes_nothing(platform: Platform) -> None:
    def use() -> list[Any]:
        wrong: list[Any] = []
        client = Posthog("phc_nobody", host=platform.gateway, on_error=lambda error, _: wrong.append(error))
        client.capture("viewed", distinct_id="ann")
        client.flush()
        client.shutdown()
        return wrong

    (error,) = await asyncio.to_thread(use)
    assert error.status == 401
