"""Whether every way of asking the index gives what the oracle says."""

import time
from uuid import UUID

from authz.access import search
from authz.access.evaluate import evaluate
from authz.access.schemas import (
    Action,
    ActionSearch,
    EvaluationRequest,
    PageRequest,
    Resource,
    ResourceSearch,
    Sought,
    Subject,
    SubjectSearch,
)
from authz.index import AccessQuery, Situation, accessible, accessors, allows, parse, prepare
from authz.index.check import active
from authz.index.explain import paths
from authz.index.missing import of_query
from chassis.principal import Principal
from kernel import now
from permission_oracle import CONTEXT
from permission_worlds import OPERATIONS, THINGS, USERS

PAGE_SIZES = (1, 2, 5, 100)
SERVICE = Principal(subject="service:orgs", service="orgs", issued_at=now(), expires_at=now(), token="")


def assert_agreement(facts, oracle):
    situation = Situation(time.time(), CONTEXT)
    for kind, operations in OPERATIONS.items():
        for operation in operations:
            allowed = {
                (user, thing) for user in USERS for thing in THINGS[kind] if oracle.allows(user, kind, thing, operation)
            }
            by_user = {user: sorted(str(thing) for who, thing in allowed if who == user) for user in USERS}
            for user in USERS:
                _assert_user(facts, user, kind, operation, by_user[user], situation)
                _assert_explained(facts, oracle, user, kind, operation, by_user[user], situation)
                _assert_authzen(facts, user, kind, operation, by_user[user])
            for thing in THINGS[kind]:
                wanted = sorted(str(user) for user, what in allowed if what == thing)
                _assert_accessors(facts, AccessQuery(kind, str(thing), operation), wanted, situation)
    _assert_actions(facts, oracle)


def _assert_user(facts, user, kind, operation, wanted, situation):
    label = f"{kind}::{operation} of {user}"
    checked = [
        str(thing)
        for thing in THINGS[kind]
        if allows(facts, str(user), [parse(f"{kind}:{thing}:{operation}", "")], situation)
    ]
    assert checked == wanted, f"check, {label}"
    number = active(facts, str(user))
    if number >= 0:
        queries = [AccessQuery(kind, str(thing), operation) for thing in THINGS[kind]]
        prepared = [(query.identifier, *prepare(facts, query, situation)) for query in queries]
        in_bulk = [thing for thing, rule, place in prepared if rule(facts, number, place)]
        assert in_bulk == wanted, f"bulk, {label}"
    listed = accessible(facts, str(user), [AccessQuery(kind, "", operation)], None, situation)
    assert listed.total == len(wanted), f"total, {label}"
    for size in PAGE_SIZES:
        pages = [listed.page(size, offset) for offset in range(0, listed.total + size, size)]
        assert [one for page in pages for one in page] == wanted, f"list in pages of {size}, {label}"


def _assert_explained(facts, oracle, user, kind, operation, wanted, situation):
    number = active(facts, str(user))
    if number < 0:
        assert wanted == []
        return
    for thing in map(str, THINGS[kind]):
        query = AccessQuery(kind, thing, operation)
        found = list(paths(facts, number, query, situation))
        assert bool(found) == (thing in wanted), f"explanation, {query} of {user}"
        for path in found:
            _assert_path(oracle, path, user, query)
        if not found:
            assert of_query(facts, number, query, situation, detailed=True)


def _assert_path(oracle, path, user, query):
    """It begins with the user or a grant to them, ends at the thing, and each step is a fact."""
    assert path[0].subject == ("user", str(user))
    last = path[-1]
    ends = {one for step in path for one in (step.subject, step.object)}
    system = last.fact == "has-role" and last.name.startswith("system.")
    assert system or {(query.kind, query.identifier), (query.kind, f"{query.identifier}:{query.operation}")} & ends
    for step in path:
        if step.fact == "granted":
            assert oracle.grant_allows(user, oracle.grants[UUID(step.name)])
        else:
            assert oracle.holds(step.fact, UUID(step.subject[1]), UUID(step.object[1]), step.name), step


def _assert_accessors(facts, query, wanted, situation):
    found = accessors(facts, [query], None, situation)
    assert found.page(100, 0) == wanted, f"accessors of {query}"
    asked = SubjectSearch(Sought("user"), Action(query.operation), Resource(query.kind, query.identifier), CONTEXT)
    for size in (1, 100):
        assert _searched(facts, search.subjects, asked, size) == wanted, f"subject search, {query}"


def _assert_authzen(facts, user, kind, operation, wanted):
    subject, action = Subject("user", str(user)), Action(operation)
    asked = [EvaluationRequest(subject, action, Resource(kind, str(thing)), CONTEXT) for thing in THINGS[kind]]
    assert [one.resource.id for one in asked if evaluate(facts, SERVICE, one).decision] == wanted
    sought = ResourceSearch(subject, action, Sought(kind), CONTEXT)
    for size in (2, 100):
        assert _searched(facts, search.resources, sought, size) == wanted, f"resource search, {kind} {operation} {user}"


def _assert_actions(facts, oracle):
    for user in USERS:
        for kind, operations in OPERATIONS.items():
            thing = THINGS[kind][0]
            asked = ActionSearch(Subject("user", str(user)), Resource(kind, str(thing)), CONTEXT)
            wanted = sorted(name for name in operations if oracle.allows(user, kind, thing, name))
            assert [one.name for one in search.actions(facts, SERVICE, asked).results] == wanted


def _searched(facts, ask, asked, size):
    """Every page of a search, as a client reads them."""
    found, token = [], ""
    while True:
        asked.page = PageRequest(token=token, limit=size)
        answer = ask(facts, SERVICE, asked)
        assert answer.page.count == len(answer.results) <= size
        found += [one.id for one in answer.results]
        if not (token := answer.page.next_token):
            assert answer.page.total == len(found)
            return found
