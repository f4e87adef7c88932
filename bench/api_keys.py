"""What an API key costs a request through the gateway, beside a bearer token."""

import asyncio
import json
import time
import urllib.error
import urllib.request
from typing import Any

from bench.figures import Figure
from bench.gateway import sign_in
from bench.load import load, request
from bench.platform import Platform, platform

ROUNDS = 7
SECONDS = 2.0
SCOPE = "organization:read"
WAIT_SECONDS = 30.0


def call(made: Platform, method: str, path: str, token: str, body: Any = None) -> Any:
    """One call through the gateway."""
    url = f"http://127.0.0.1:{made.port}{path}"
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return json.load(answer)


def document(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A JSON:API document."""
    return {"data": {"type": kind, "attributes": attributes}}


async def arranged(made: Platform) -> tuple[str, str, str]:
    """An organization's path, a token of its administrator for it, and a key of theirs."""
    token = sign_in(made)
    attributes = {"name": "bench", "display-name": "Bench", "provider-type": "coach", "timezone": "UTC"}
    whole = document("organizations", attributes | {"classification": "customer_test"})
    organization = call(made, "POST", "/v1/organizations/", token, whole)["data"]["id"]
    wanted = document("api-keys", {"name": "bench", "scopes": [SCOPE], "organization-id": organization})
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            key = call(made, "POST", "/v1/api-keys/", token, wanted)["data"]["attributes"]["key"]
        except urllib.error.HTTPError:  # identity has not heard of the organization yet
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)
        else:
            return f"/v1/organizations/{organization}/", token, key


async def measure() -> list[Figure]:
    """The difference of the medians of the same request with both credentials in turn, the median of a few rounds."""
    with platform() as made:
        path, token, key = await arranged(made)
        kinds = {
            "token": request("GET", path, made.port, token=token),
            "key": request("GET", path, made.port, headers=f"X-Api-Key: {key}\r\n"),
        }
        differences: list[float] = []
        for _ in range(ROUNDS):
            median: dict[str, float] = {}
            for kind, raw in kinds.items():
                result = await load(made.port, raw, connections=1, seconds=SECONDS)
                assert result.statuses == {200}, (kind, result.statuses)
                median[kind] = 1000 * result.quantile(0.5)
            differences.append(median["key"] - median["token"])
    added = sorted(differences)[ROUNDS // 2]
    return [
        Figure("an API key in a request, one connection, p50", added, "ms", "at most", 1.0, "the same with a token")
    ]
