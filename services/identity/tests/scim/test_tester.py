"""The checks of scim2-tester, the independent test of SCIM servers, against a served identity."""

import asyncio

import httpx2
from directories import directory, served
from identity_world import World
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


async def test_an_independent_tester_is_content(live_world: World) -> None:
    ours = await directory(live_world)
    token = ours.client.headers["authorization"]

    def check(url: str) -> list[str]:
        with httpx2.Client(base_url=f"{url}{ours.url('')}", headers={"authorization": token}, timeout=60) as client:
            results = check_server(SyncSCIMClient(client))
        assert {one.resource_type for one in results} >= {"User", "Group"}
        bad = {Status.ERROR, Status.CRITICAL} if hasattr(Status, "CRITICAL") else {Status.ERROR}
        return [f"{one.resource_type} {one.title}: {one.reason}" for one in results if one.status in bad]

    async with served(live_world.client.app) as url:
        problems = await asyncio.to_thread(check, url)
    assert not problems, "\n".join(problems)
