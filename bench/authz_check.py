"""What a permission check costs: over HTTP against a constant handler in the same chassis, and in the index by size."""

import json
import os
import random
import sys
import time
from typing import Any
from uuid import UUID

from authz.authz_resource_access.routes import create
from authz.base_facts.load import Snapshot
from authz.bulk_authz_resource_access.routes import create as create_bulk
from authz.changes import CONTEXTS
from authz.index import Facts, allows, parse
from authz.replica import Replica
from chassis.app import build
from chassis.logs import configure
from chassis.revocations import Revocations
from chassis.runtime import Runtime
from chassis.settings import ServiceSettings
from contracts.permissions import AUTHENTICATED
from jsonapi import get
from litestar import Litestar
from testkit import principals

from bench.chassis_constant import bare_app
from bench.figures import Figure
from bench.load import load, request
from bench.serving import served

ROUNDS = 3
SMALL, LARGE = 1, 20
CHECKS = 20_000
DECISIONS = 10_000
PLACE = str(UUID(int=1))


@get("/constant", operation_id="readConstant", permission=AUTHENTICATED)
async def constant() -> dict[str, str]:
    """Answer the same again."""
    return {"status": "ok"}


def identifier(kind: int, number: int) -> str:
    """The id of the thing with this number."""
    return str(UUID(int=(kind << 64) + number))


def world(size: int) -> Facts:
    """By `size`: 1,000 groups of depth up to 16, 10,000 users, 50,000 memberships, 20,000 individuals."""
    facts, chance = Facts(), random.Random(7)
    facts.set_organization(PLACE)
    groups = [identifier(3, number) for number in range(1000 * size)]
    for number, group in enumerate(groups):
        facts.set_group(group, PLACE, groups[number - 1] if number % 16 else None)
    for number in range(10_000 * size):
        user = identifier(1, number)
        for _ in range(5):
            facts.set_person(chance.choice(groups), "member", user, present=True)
        facts.set_person(chance.choice(groups), "leader", user, present=True)
    for number in range(20_000 * size):
        individual = identifier(4, number)
        facts.set_individual(individual, None, PLACE, None)
        facts.set_person(chance.choice(groups), "individual", individual, present=True)
    return facts


def app(verifying_key: dict[str, Any]) -> Litestar:
    """The question to authz and a constant answer, side by side."""
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
    configure("bench", "info")

    async def keys() -> dict[str, Any]:
        return {"keys": [verifying_key]}

    async def fill(runtime: Runtime) -> None:
        runtime.extras["replica"] = Replica(Snapshot(world(SMALL), dict.fromkeys(CONTEXTS, 0), {}))

    settings = ServiceSettings(database_url="postgresql://not/used", nats_url="", public_url=principals.ISSUER)
    verifier = principals.Verifier(principals.ISSUER, keys)
    options: dict[str, Any] = {"verifier": verifier, "revocations": Revocations(), "connected": False}
    return build("bench", settings, routes=[constant, create, create_bulk], on_start=[fill], **options)


def microseconds(size: int) -> float:
    """How long a check of an individual takes in the index, on average of the best round."""
    facts, chance = world(size), random.Random(3)
    asked = [
        (
            identifier(1, chance.randrange(10_000 * size)),
            [parse(f"individual:{identifier(4, chance.randrange(20_000 * size))}:read", "")],
        )
        for _ in range(CHECKS)
    ]
    took: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for user, queries in asked:
            allows(facts, user, queries)
        took.append(time.perf_counter() - started)
    return 1e6 * min(took) / CHECKS


async def measure() -> list[Figure]:
    """One check and a bulk of 10,000 over HTTP; a check in the index at two sizes."""
    key = principals.signing_key().as_dict(private=False)
    user = identifier(1, 5)
    token = principals.access_token(user_id=UUID(user), lifetime=3600)
    query = f"individual:{identifier(4, 9)}:read"
    one = json.dumps({"user-id": user, "access-query": [query]}).encode()
    many = {"user-ids": [user], "access-query": [query] * DECISIONS, "individually": True}
    bulk = json.dumps({"multi-user-ids": many}).encode()
    with served(app, key) as port, served(bare_app) as plain:
        rates: list[tuple[float, float, float]] = []
        for _ in range(ROUNDS):
            first = await load(port, request("GET", "/constant", port, token=token))
            second = await load(port, request("POST", "/v1/authz-resource-access", port, token=token, body=one))
            third = await load(plain, request("GET", "/constant", plain))
            assert (first.statuses, second.statuses, third.statuses) == ({200}, {201}, {200})
            rates.append((first.rate, second.rate, third.rate))
        path = "/v1/bulk-authz-resource-access"
        decided = await load(port, request("POST", path, port, token=token, body=bulk), connections=2)
        assert decided.statuses == {201}
    ratio = sorted(second / first for first, second, _ in rates)[ROUNDS // 2]
    bare = sorted(second / third for _, second, third in rates)[ROUNDS // 2]
    alone = f"constant in a bare Litestar, {max(third for *_, third in rates):.0f} requests a second"
    small, large = microseconds(SMALL), microseconds(LARGE)
    against = f"constant in the same chassis, {max(first for first, *_ in rates):.0f} requests a second"
    return [
        Figure("check over HTTP", 100 * ratio, "%", "at least", 85, against),
        Figure("the same check", 100 * bare, "%", "at least", 55, alone),
        Figure("bulk decisions over HTTP", decided.rate * DECISIONS, "/s", "at least", 100_000, "10,000 a call"),
        Figure(f"check in the index, {LARGE} times the facts", large, "µs", "at most", 2 * small, f"{small:.2f} µs"),
    ]
