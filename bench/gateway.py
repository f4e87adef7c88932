"""What the gateway adds to a request, at one connection."""

import json
import urllib.request

from bench.figures import Figure
from bench.load import load, request
from bench.platform import Platform, platform

ROUNDS = 5
PATH = "/.well-known/jwks.json"


def sign_in(made: Platform) -> str:
    """The operator's access token."""
    body = json.dumps({"username": made.admin["email"], "password": made.admin["password"]}).encode()
    url = f"http://127.0.0.1:{made.port}/v1/login/"
    asked = urllib.request.Request(url, body, {"content-type": "application/json"})
    with urllib.request.urlopen(asked, timeout=20) as answer:
        return json.load(answer)["access-token"]


async def measure() -> list[Figure]:
    """The difference of the medians through the gateway and straight to the service, the median of a few rounds."""
    with platform() as made:
        direct = made.state["components"]["identity"]["port"]
        differences: list[float] = []
        for _ in range(ROUNDS):
            straight = await load(direct, request("GET", PATH, direct), connections=1, seconds=2)
            through = await load(made.port, request("GET", PATH, made.port), connections=1, seconds=2)
            assert straight.statuses == through.statuses == {200}
            differences.append(1000 * (through.quantile(0.5) - straight.quantile(0.5)))
    added = sorted(differences)[ROUNDS // 2]
    return [Figure("gateway overhead, one connection, p50", added, "ms", "at most", 0.3, "straight to the service")]
