"""An organization's own server hears of what happens in it, and of nothing else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from journeys import Gateway, document, new_organization, new_staff, unique, until
from platforms import Platform
from standardwebhooks import Webhook

ADMIN = "018f0000-0000-7000-8000-000000000001"
PATH = "/v1/webhook-endpoints/"


@pytest_asyncio.fixture
async def heard(platform: Platform) -> AsyncIterator[list[Any]]:
    """What a server on this machine was told; its address is the first entry."""
    if platform.home is None:
        pytest.fail("this journey needs a platform that reaches servers of this process")
    calls: list[Any] = []

    async def take(request: web.Request) -> web.Response:
        calls.append((dict(request.headers), await request.read()))
        return web.Response(status=500 if len(calls) == 2 else 204)

    application = web.Application()
    application.router.add_post("/", take)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    calls.append(f"http://127.0.0.1:{runner.addresses[0][1]}/")
    yield calls
    await runner.cleanup()


async def new_group(by: Gateway, organization: str) -> str:
    attributes = {"name": unique("group"), "organization-id": organization, "node-type": "group"}
    return (await by.post("/v1/individual-groups/", document("individual-groups", attributes)))["data"]["id"]


async def test_a_server_hears_of_groups_roles_and_cohorts(operator: Gateway, heard: list[Any]) -> None:
    organization, other = await new_organization(operator), await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    made = await admin.post(PATH, document("webhook-endpoints", {"url": heard[0]}))
    endpoint, secret = made["data"]["id"], made["data"]["attributes"]["secret"]
    await new_group(operator, other)
    group = await new_group(admin, organization)
    colleague = await new_staff(operator, organization)

    def told() -> dict[str, Any]:
        bodies = [Webhook(secret).verify(body, headers) for headers, body in heard[1:]]
        assert all(body["tenantid"] == organization for body in bodies)
        return {body["type"]: body["data"] for body in bodies}

    wanted = {
        "muster.orgs.group.created.v1",
        "muster.orgs.organization.user_added.v1",
        "muster.authz.role.user_added.v1",
        "muster.artifacts.profile.created.v1",
    }

    async def all_told() -> dict[str, Any] | None:
        found = told()
        return found if wanted <= found.keys() else None

    found = await until(all_told, 30)
    assert found["muster.orgs.group.created.v1"]["group_id"] == group
    assert found["muster.authz.role.user_added.v1"]["user_id"] == colleague.user_id

    async def nothing_pending() -> list[Any] | None:
        log = (await admin.get(f"{PATH}{endpoint}/deliveries/"))["data"]
        return log if {one["attributes"]["status"] for one in log} == {"delivered"} else None

    log = await until(nothing_pending, 30)
    assert max(one["attributes"]["attempts"] for one in log) == 2, "the one that failed was tried again"
    ids = [headers["webhook-id"] for headers, _ in heard[1:]]
    assert len(ids) == len(set(ids)) + 1
    assert {one["attributes"]["event-id"] for one in log} == set(ids)


async def test_a_server_inside_is_not_told(operator: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    for url in ("https://10.0.0.1/", "https://[::ffff:192.168.0.1]/", "https://169.254.169.254/"):
        await admin.post(PATH, document("webhook-endpoints", {"url": url}), status=400)
