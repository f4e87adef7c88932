"""Administrators hear of endpoints that were paused without their doing."""

import asyncio
from uuid import uuid4

import pytest
from contracts.permissions import role_id
from kernel import Unavailable
from notifications.webhook_endpoints.notices import give_notice, give_notices


async def messages(hooks, user):
    answer = await hooks.client.as_(user_id=user).get("/v1/notifications/")
    return [one["attributes"] for one in answer.json()["data"]]


async def test_each_administrator_is_told_once_in_their_language(hooks, neighbours):
    other = uuid4()
    neighbours.role_users[str(role_id("org.admin", hooks.organization))] = [str(hooks.user), str(other)]
    neighbours.users[str(other)] = {"locale": "es_US"}
    made = await hooks.make()
    await hooks.change(made, status="paused")
    assert not await give_notice(hooks.runtime), "who pauses an endpoint knows it"
    await hooks.change(made, status="active")
    await hooks.tell(410)
    assert await give_notice(hooks.runtime)
    assert not await give_notice(hooks.runtime)
    (told,) = await messages(hooks, hooks.user)
    assert (told["subject"], told["message-type"]) == ("A webhook was paused", "webhook-paused")
    assert "127.0.0.1 answered that it is gone" in told["text"]
    assert "key=1" not in told["text"], "an address may hold what only the receiver knows"
    assert told["organization-id"] == str(hooks.organization)
    assert (await messages(hooks, other))[0]["subject"] == "Se ha pausado un webhook"
    await hooks.run("UPDATE webhook_endpoints SET notice_due = true")
    assert await give_notice(hooks.runtime)
    assert len(await messages(hooks, hooks.user)) == 1
    await hooks.change(made, status="active")
    await hooks.tell(410)
    assert await give_notice(hooks.runtime)
    assert len(await messages(hooks, hooks.user)) == 2


async def test_a_notice_waits_for_who_is_away(hooks, neighbours):
    await hooks.make()
    await hooks.tell(410)
    neighbours.role_users[str(role_id("org.admin", hooks.organization))] = [str(hooks.user)]
    neighbours.status = 503
    with pytest.raises(Unavailable):
        await give_notice(hooks.runtime)
    assert await messages(hooks, hooks.user) == []
    neighbours.status = 200
    task = asyncio.create_task(give_notices(hooks.runtime))
    while not await messages(hooks, hooks.user):
        await asyncio.sleep(0.02)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_an_organization_without_administrators_holds_up_no_other(hooks):
    await hooks.make()
    await hooks.tell(410)
    assert await give_notice(hooks.runtime)
    assert not await give_notice(hooks.runtime)
