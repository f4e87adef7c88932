"""What is kept for how long."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from kernel import now, uuid7
from notifications import forgetting
from notifications.upkeep import sweep


def born(days):
    """An id as it was made so many days ago."""
    at = int((now() - timedelta(days=days)).timestamp() * 1000)
    return UUID(int=(at << 80) | (uuid7().int & ((1 << 80) - 1)))


async def put(post, table, **values):
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    await post.rows(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id", **values)
    return values["id"]


async def left(post, table, ids):
    return [bool(await post.rows(f"SELECT 1 FROM {table} WHERE id = :id", id=one)) for one in ids]


def days_ago(days):
    return now() - timedelta(days=days)


async def test_deliveries_that_ended_long_ago_go_with_their_texts(post, monkeypatch):
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    ids = []
    for age, status in ((91, "sent"), (92, "failed"), (93, "bounced"), (89, "sent"), (200, "pending")):
        settled = None if status == "pending" else days_ago(age)
        values = {"status": status, "settled_at": settled, "created_at": days_ago(age), "channel": "email", "type": "x"}
        ids.append(await put(post, "deliveries", id=born(age), message_id=uuid4(), **values))
    await put(post, "recorded_texts", id=uuid4(), delivery_id=ids[0], phone="+15550100", text="x")
    await sweep(post.runtime)
    assert await left(post, "deliveries", ids) == [False, False, False, True, True]
    await post.rows("DELETE FROM deliveries WHERE id = ANY (:ids) RETURNING id", ids=ids)


async def test_messages_within_applications_go_once_read_or_after_a_year(post):
    ids = []
    for age, read in ((91, 91), (120, 30), (300, None), (366, None), (400, 1)):
        values = {"reference": uuid4(), "user_id": uuid4(), "type": "x", "subject": "x", "text": "x"}
        read_at = None if read is None else days_ago(read)
        ids.append(await put(post, "in_app_messages", id=born(age), read_at=read_at, **values))
    await sweep(post.runtime)
    assert await left(post, "in_app_messages", ids) == [False, True, True, False, False]


@pytest.mark.parametrize(("expired", "stays"), [(31, False), (29, True), (-1, True)])
async def test_short_addresses_are_kept_a_month_after_they_expired(post, expired, stays):
    values = {"code": f"c{uuid4().hex[:10]}", "organization_id": uuid4(), "netloc": "a.example", "full_path": "/"}
    made = await put(post, "url_shorteners", id=uuid7(), expires_at=days_ago(expired), **values)
    await sweep(post.runtime)
    assert await left(post, "url_shorteners", [made]) == [stays]


async def test_budgets_that_are_whole_again_go(post):
    for minutes in (-1, 1):
        at = now() + timedelta(minutes=minutes)
        await post.rows("INSERT INTO delivery_budgets VALUES (:key, :at) RETURNING key", key=uuid4(), at=at)
    await sweep(post.runtime)
    assert len(await post.rows("SELECT 1 FROM delivery_budgets")) == 1
