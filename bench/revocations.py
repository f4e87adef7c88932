"""How long after a person was disabled each of the five services refuses their access token, through the gateway."""

import asyncio
import secrets
import time

import httpx

from bench.figures import Figure
from bench.gateway import sign_in
from bench.platform import Platform, platform

PERSONS = 20
ASKED = {
    "identity": "/v1/sessions/",
    "orgs": "/v1/user-organizations/",
    "authz": "/v1/roles/",
    "artifacts": "/api/projects/@current/cohorts/",
    "notifications": "/v1/email-logs/",
}
UNAUTHORIZED = 401
ENDED_SECONDS = 30.0


async def measure() -> list[Figure]:
    """One person after another; the slowest service counts."""
    with platform() as made:
        operator = {"authorization": f"Bearer {sign_in(made)}"}
        times = sorted([await _disabled(made, operator) for _ in range(PERSONS)])
    slowest, middle = 1000 * times[int(0.95 * PERSONS) - 1], 1000 * times[PERSONS // 2]
    against = f"{PERSONS} persons, median {middle:.0f} ms"
    return [Figure("a disabled person refused by all five services, p95", slowest, "ms", "at most", 1000, against)]


async def _disabled(made: Platform, operator: dict[str, str]) -> float:
    """Seconds from the answer that a person is disabled until nobody takes their token."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{made.port}", timeout=20) as http:
        email, password = f"{secrets.token_hex(8)}@example.org", secrets.token_urlsafe(24)
        names = {"username": email, "email": email, "first-name": "Ada", "last-name": "Byron", "password": password}
        body = {"data": {"type": "users", "attributes": names}}
        user = (await http.post("/v1/users/", json=body, headers=operator)).raise_for_status().json()["data"]["id"]
        tokens = await http.post("/v1/login/", json={"username": email, "password": password})
        person = {"authorization": f"Bearer {tokens.raise_for_status().json()['access-token']}"}
        for path in ASKED.values():
            assert (await http.get(path, headers=person)).status_code != UNAUTHORIZED, path
        (await http.post(f"/v1/users/{user}/disable/", json={}, headers=operator)).raise_for_status()
        begun = time.perf_counter()
        await asyncio.gather(*(_refused(http, path, person) for path in ASKED.values()))
        return time.perf_counter() - begun


async def _refused(http: httpx.AsyncClient, path: str, person: dict[str, str]) -> None:
    async with asyncio.timeout(ENDED_SECONDS):
        while (await http.get(path, headers=person)).status_code != UNAUTHORIZED:
            await asyncio.sleep(0.002)
