"""Deciding what evaluations ask."""

import asyncio
from typing import Any

import msgspec
from chassis.principal import Principal
from kernel import DomainError, Invalid

from authz.access.schemas import Decision, Decisions, EvaluationRequest, EvaluationsRequest, Object, Resource, Subject
from authz.answers import require_may_ask
from authz.index import AccessQuery, Facts, Situation, allows, described
from authz.index.queries import OBJECTS

USER = "user"
ENTITIES = ("subject", "action", "resource", "context")
DECISIONS_A_TURN = 2500
ENDS: dict[str, bool | None] = {
    "execute_all": None,
    "deny_on_first_deny": False,
    "permit_on_first_permit": True,
}
"""The decision after which a batch ends."""


def situation_of(request: Any) -> Situation:
    """What the request tells of itself, for conditions. Raises Invalid where that is too large."""
    names = ("subject", "resource", "action")
    told = {name: getattr(entity, "properties", {}) for name in names if (entity := getattr(request, name, None))}
    return described("/context", context=request.context, **told)


def query_of(resource: Resource, operation: str) -> AccessQuery:
    """The question about a resource; ids of the platform's own things are in lower case."""
    own = resource.type in OBJECTS
    return AccessQuery(resource.type, resource.id.lower() if own else resource.id, operation)


def user_of(subject: Subject) -> str | None:
    """The user that is meant; None for a type that is not known, who may do nothing."""
    return subject.id.lower() if subject.type == USER else None


def evaluate(facts: Facts, principal: Principal, asked: EvaluationRequest) -> Decision:
    """One decision: what is unknown is denied. Raises Invalid, or Forbidden for who may not ask."""
    _require(facts, principal, [asked])
    return Decision(_decide(facts, asked))


async def evaluate_all(facts: Facts, principal: Principal, asked: EvaluationsRequest) -> Decision | Decisions:
    """The decisions of a batch; without questions the one that the top asks.

    A question that is malformed is denied and says so. Raises Invalid where the top alone is asked, and Forbidden.
    """
    top: Object = {name: value for name in ENTITIES if (value := getattr(asked, name)) is not None}
    if not asked.evaluations:
        only = _read(top)
        if isinstance(only, DomainError):
            raise only
        return evaluate(facts, principal, only)
    read = [_read(top | {name: one[name] for name in ENTITIES if name in one}) for one in asked.evaluations]
    _require(facts, principal, [one for one in read if isinstance(one, EvaluationRequest)])
    end = ENDS[asked.options.evaluations_semantic]
    decided: list[Decision] = []
    for one in read:
        decided.append(_decision(facts, one))
        if decided[-1].decision is end:
            break
        if len(decided) % DECISIONS_A_TURN == 0:
            await asyncio.sleep(0)
    return Decisions(decided)


def _read(value: Object) -> EvaluationRequest | DomainError:
    try:
        return msgspec.convert(value, EvaluationRequest)
    except msgspec.ValidationError as error:
        return Invalid(str(error))


def _require(facts: Facts, principal: Principal, asked: list[EvaluationRequest]) -> None:
    users = {user for one in asked if (user := user_of(one.subject)) is not None}
    require_may_ask(facts, principal, users)


def _decision(facts: Facts, asked: EvaluationRequest | DomainError) -> Decision:
    try:
        if isinstance(asked, DomainError):
            raise asked
        return Decision(_decide(facts, asked))
    except DomainError as problem:
        return Decision(decision=False, context={"error": {"status": problem.status, "message": problem.detail}})


def _decide(facts: Facts, asked: EvaluationRequest) -> bool:
    situation = situation_of(asked)
    user = user_of(asked.subject)
    return user is not None and allows(facts, user, [query_of(asked.resource, asked.action.name)], situation)
