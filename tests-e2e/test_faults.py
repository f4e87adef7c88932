"""Any one process may die under load: it comes back by itself, and no acknowledged write is lost or doubled."""

import asyncio
import json
import os
import signal
from collections import Counter
from uuid import uuid4

import httpx
import pytest
from journeys import Gateway, document, new_organization, until
from platforms import Platform

KILLED = ["identity", "orgs", "authz", "artifacts", "notifications", "nats", "postgres", "gateway"]
RECOVERY_SECONDS = 30
AUDIT_SECONDS = 30


def status(platform: Platform) -> dict[str, object]:
    return json.loads(platform.muster("status", "--json", check=False).stdout)


async def healthy(platform: Platform, gateway: Gateway) -> None:
    async def asked() -> bool | None:
        try:
            ready = (await gateway.http.get("/readyz")).status_code == 200
        except httpx.HTTPError:
            return None
        shown = await asyncio.to_thread(status, platform)
        return True if ready and shown["healthy"] else None

    await until(asked, RECOVERY_SECONDS)


class Load:
    """Writes groups one after another, each with an idempotency key, and repeats what was not acknowledged."""

    def __init__(self, operator: Gateway, organization_id: str) -> None:
        self.operator = operator
        self.organization_id = organization_id
        self.acknowledged: list[str] = []
        self.running = True

    async def run(self) -> None:
        while self.running:
            name, key = f"group {uuid4()}", str(uuid4())
            attributes = {"name": name, "organization-id": self.organization_id, "node-type": "group"}
            while not await self._write(document("individual-groups", attributes), key):
                await asyncio.sleep(0.1)
            self.acknowledged.append(name)

    async def _write(self, body: dict[str, object], key: str) -> bool:
        try:
            answer = await self.operator.call("POST", "/v1/individual-groups/", body, idempotency_key=key)
        except (httpx.HTTPError, AssertionError):
            return False
        assert answer.status_code in (201, 401, 409, 429, 500, 502, 503, 504), answer.text
        return answer.status_code == 201


async def names_of(operator: Gateway, organization_id: str) -> Counter[str]:
    found: Counter[str] = Counter()
    offset = 0
    while True:
        path = f"/v1/individual-groups/?organization-id={organization_id}&page[limit]=1000&page[offset]={offset}"
        page = (await operator.get(path))["data"]
        found.update(row["attributes"]["name"] for row in page)
        if len(page) < 1000:
            return found
        offset += 1000


@pytest.mark.parametrize("victim", KILLED)
async def test_a_killed_process_comes_back_and_nothing_is_lost(
    platform: Platform, operator: Gateway, victim: str
) -> None:
    if platform.home is None:
        pytest.fail("this journey needs a platform that it may break")
    organization = await new_organization(operator)
    load = Load(operator, organization)
    writers = [asyncio.create_task(load.run()) for _ in range(3)]
    await asyncio.sleep(0.5)
    before = status(platform)["components"][victim]  # type: ignore[index]
    os.kill(before["pid"], signal.SIGKILL)
    await asyncio.sleep(1)
    await healthy(platform, operator)
    await asyncio.sleep(0.5)
    load.running = False
    await asyncio.wait_for(asyncio.gather(*writers), RECOVERY_SECONDS)
    after = status(platform)["components"][victim]  # type: ignore[index]
    assert after["pid"] != before["pid"]
    found = await names_of(operator, organization)
    written = Counter(load.acknowledged)
    assert len(written) > 10
    assert {name: found[name] for name in written} == dict(written)

    async def audited() -> bool | None:
        done = await asyncio.to_thread(platform.muster, "audit", check=False)
        return True if done.returncode == 0 else None

    await until(audited, AUDIT_SECONDS)
