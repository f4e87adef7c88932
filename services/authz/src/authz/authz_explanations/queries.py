"""Explaining decisions, lists and accessors, as far as the caller may see."""

from itertools import islice

from chassis.principal import Principal
from jsonapi import PageMeta
from kernel import Invalid

from authz.answers import require_may_ask, require_place
from authz.authz_explanations.schemas import Explanation, ExplanationAnswer, ExplanationRequest, Fact, Lack, Thing
from authz.index import AccessQuery, Facts, Situation, accessible, accessors, described, parse_all
from authz.index.check import active
from authz.index.explain import Step, paths
from authz.index.kinds import NOTHING
from authz.index.listing import administered
from authz.index.missing import Missing, of_query, of_user
from authz.index.queries import UUID_FORM

MOST_PATHS = 10
UUID_LENGTH = 36
BODY = "/access-query"


def explain(facts: Facts, principal: Principal, asked: ExplanationRequest) -> ExplanationAnswer:
    """The answer. Raises Invalid, or Forbidden for who may not ask."""
    queries = parse_all(asked.access_query, BODY)
    situation = described("/context", context=asked.context)
    place = asked.organization_id.lower() if asked.organization_id else None
    open_ended = [query for query in queries if not query.identifier]
    if asked.user_id is None:
        return _of_accessors(facts, principal, asked, queries, place, situation)
    user = asked.user_id.lower()
    require_may_ask(facts, principal, (user,))
    if not open_ended:
        found = [explained(facts, principal, user, query, situation) for query in queries]
        part = found[asked.offset : asked.offset + asked.limit]
        return ExplanationAnswer(all(one.allow for one in found), part, _meta(asked, len(found)))
    if len(queries) > 1:
        raise Invalid("A query with an empty id stands alone.", pointer=BODY)
    (kind, _, operation), listed = queries[0], accessible(facts, user, queries, place, situation)
    things = [AccessQuery(kind, one, operation) for one in listed.page(asked.limit, asked.offset)]
    found = [explained(facts, principal, user, thing, situation) for thing in things]
    return ExplanationAnswer(None, found, _meta(asked, listed.total))


def _of_accessors(
    facts: Facts,
    principal: Principal,
    asked: ExplanationRequest,
    queries: list[AccessQuery],
    place: str | None,
    situation: Situation,
) -> ExplanationAnswer:
    require_place(facts, principal, place)
    if len(queries) > 1 or not queries[0].identifier:
        raise Invalid("Without a user one query with an id stands alone.", pointer=BODY)
    listed = accessors(facts, queries, place, situation)
    users = listed.page(asked.limit, asked.offset)
    found = [explained(facts, principal, user, queries[0], situation) for user in users]
    return ExplanationAnswer(None, found, _meta(asked, listed.total))


def explained(
    facts: Facts, principal: Principal, user: str, query: AccessQuery, situation: Situation | None = None
) -> Explanation:
    """One decision explained: paths to who may see the thing's organization and to the user, else the decision."""
    seen = sees(facts, principal, query)
    number = active(facts, user)
    found = list(islice(paths(facts, number, query, situation), MOST_PATHS)) if number != NOTHING else []
    if found:
        shown = seen or str(principal.user_id) == user
        written = [list(map(_fact, path)) for path in found] if shown else []
        return Explanation(user, ":".join(query), allow=True, paths=written, missing=[], hidden=not shown)
    lacks = of_user(facts, user) or of_query(facts, number, query, situation, detailed=seen)
    return Explanation(user, ":".join(query), allow=False, paths=[], missing=list(map(_lack, lacks)))


def sees(facts: Facts, principal: Principal, query: AccessQuery) -> bool:
    """Whether the caller may know of the thing: a service, the operator's staff, an admin of its organization."""
    if principal.service is not None or principal.is_support:
        return True
    asker = active(facts, str(principal.user_id))
    return asker != NOTHING and _place(facts, query) in administered(facts, asker)


def _place(facts: Facts, query: AccessQuery) -> int:
    """The organization that a thing belongs to. An application's id may begin with it."""
    match query.kind:
        case "organization":
            return facts.organizations.find(query.identifier)
        case "group" | "individual":
            table = facts.groups if query.kind == "group" else facts.individuals
            number = table.find(query.identifier)
            return table.organization[number] if number != NOTHING else NOTHING
        case _:
            first = query.identifier[:UUID_LENGTH]
            return facts.organizations.find(first) if UUID_FORM.fullmatch(first) else NOTHING


def _fact(step: Step) -> Fact:
    if step.fact == "granted":
        kind, thing = step.object
        identifier, _, operation = thing.rpartition(":")
        return Fact(step.fact, Thing(*step.subject), Thing(kind, identifier), operation, grant_id=step.name)
    return Fact(step.fact, Thing(*step.subject), Thing(*step.object), role_name=step.name or None)


def _lack(missing: Missing) -> Lack:
    return Lack(missing.reason, missing.detail, missing.grant)


def _meta(asked: ExplanationRequest, total: int) -> PageMeta:
    return PageMeta(asked.limit, asked.offset, total)
