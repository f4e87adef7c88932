"""Deciding many queries for many users."""

import asyncio

import msgspec
from kernel import Invalid

from authz.bulk_authz_resource_access.schemas import MultiUserIds
from authz.index import Facts, described, parse_all, prepare
from authz.index.check import active
from authz.index.kinds import NOTHING
from authz.index.queries import USUAL_FORM

MOST_DECISIONS = 100_000
DECISIONS_A_TURN = 2500
POINTER = "/multi-user-ids/access-query"


async def decide(facts: Facts, asked: MultiUserIds) -> bytes:
    """The answer as JSON. Other requests get their turn every 2,500 decisions. Raises Invalid."""
    count = len(asked.access_query) * len(asked.user_ids)
    if count > MOST_DECISIONS:
        problem = f"These are {count} decisions; one call makes at most {MOST_DECISIONS}."
        raise Invalid(problem, pointer="/multi-user-ids", code="too-many-decisions")
    situation = described("/multi-user-ids/context", context=asked.context) if asked.context else None
    prepared = [prepare(facts, query, situation) for query in parse_all(asked.access_query, POINTER)]
    written = _written([[query] for query in asked.access_query] if asked.individually else [asked.access_query])
    entries: list[str] = []
    pending = 0
    for user in map(str.lower, asked.user_ids):
        number = active(facts, user)
        if number == NOTHING:
            entries += [head + _tail(user, allow=False) for head in written]
        elif asked.individually:
            tails = {True: _tail(user, allow=True), False: _tail(user, allow=False)}
            decided = [tails[rule(facts, number, thing)] for rule, thing in prepared]
            entries += [head + tail for head, tail in zip(written, decided, strict=True)]
        else:
            entries.append(written[0] + _tail(user, all(rule(facts, number, thing) for rule, thing in prepared)))
        if (pending := pending + len(prepared)) >= DECISIONS_A_TURN:
            pending = 0
            await asyncio.sleep(0)
    return f'{{"access-queries":[{",".join(entries)}]}}'.encode()


def _written(lists: list[list[str]]) -> list[str]:
    """How the entries begin, written once for all users."""
    return [f'{{"access-query":{_json(queries)},"allow":' for queries in lists]


def _json(queries: list[str]) -> str:
    """A list as JSON; the usual query holds nothing that would need an escape."""
    if len(queries) == 1 and USUAL_FORM.fullmatch(queries[0]):
        return f'["{queries[0]}"]'
    return msgspec.json.encode(queries).decode()


def _tail(user: str, allow: bool) -> str:
    return f'{"true" if allow else "false"},"user-id":"{user}"}}'
