"""What the chassis costs: a constant handler in it against a bare Litestar one, over HTTP."""

import os
import sys
from typing import Any

from chassis.app import build
from chassis.logs import configure
from chassis.revocations import Revocations
from chassis.settings import ServiceSettings
from contracts.permissions import AUTHENTICATED
from jsonapi import get
from litestar import Litestar
from litestar import get as litestar_get
from testkit import principals

from bench.figures import Figure
from bench.load import load, request
from bench.serving import served

ROUNDS = 3


@litestar_get("/constant")
async def bare() -> dict[str, str]:
    """Answer the same again."""
    return {"status": "ok"}


@get("/constant", operation_id="readConstant", permission=AUTHENTICATED)
async def constant() -> dict[str, str]:
    """Answer the same again."""
    return {"status": "ok"}


def bare_app() -> Litestar:
    """Litestar and nothing else."""
    return Litestar([bare], openapi_config=None, logging_config=None)


def chassis_app(verifying_key: dict[str, Any]) -> Litestar:
    """The same handler in the chassis: authenticated, permitted, counted, logged."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("bench", "info")

    async def keys() -> dict[str, Any]:
        return {"keys": [verifying_key]}

    settings = ServiceSettings(database_url="postgresql://not/used", nats_url="", public_url=principals.ISSUER)
    verifier = principals.Verifier(principals.ISSUER, keys)
    return build("bench", settings, routes=[constant], verifier=verifier, revocations=Revocations(), connected=False)


async def measure() -> list[Figure]:
    """The ratio of the two rates, the best of a few rounds each, taken in turn."""
    key = principals.signing_key().as_dict(private=False)
    with served(bare_app) as plain, served(chassis_app, key) as ours:
        token = principals.access_token(lifetime=3600)
        rates: list[tuple[float, float]] = []
        for _ in range(ROUNDS):
            first = await load(plain, request("GET", "/constant", plain))
            second = await load(ours, request("GET", "/constant", ours, token=token))
            assert first.statuses == second.statuses == {200}
            rates.append((first.rate, second.rate))
    ratio = sorted(second / first for first, second in rates)[ROUNDS // 2]
    against = f"bare Litestar, {max(first for first, _ in rates):.0f} requests a second"
    return [Figure("constant handler in the chassis", 100 * ratio, "%", "at least", 60, against)]
