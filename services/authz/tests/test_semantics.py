"""Every line of semantics.yaml as a test."""

import time
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest
import yaml
from authz.index import AccessQuery, Situation, accessible, accessors, allows, parse
from authz.index.check import active
from authz.index.explain import paths
from authz.index.queries import OBJECTS
from contracts import authz, identity, orgs
from contracts.permissions import ROLE_IDS, role_id
from deliveries import replica_of_events
from kernel import now

WORLDS = yaml.safe_load((Path(__file__).parent / "semantics.yaml").read_text())
LINES = [(world, line) for world in WORLDS for line in world["queries"]]


def named(name) -> UUID:
    return uuid5(NAMESPACE_URL, name)


def role_events(name, place, people):
    identifier = role_id(name, place) if place else ROLE_IDS[name]
    for person in people:
        yield authz.RoleUserAdded(role_id=identifier, name=name, user_id=named(person), organization_id=place)


def organization_events(name, fact):
    place = named(name)
    yield orgs.OrganizationCreated(organization_id=place, number=1, name=name, display_name=name)
    yield from role_events("org.admin", place, fact.get("admins", ()))
    yield from role_events("org.member", place, fact.get("members", ()))
    for person in fact.get("staff", ()):
        yield orgs.OrganizationUserAdded(organization_id=place, user_id=named(person), account_type="provider")


def group_events(name, fact):
    where = {"group_id": named(name), "organization_id": named(fact["in"])}
    parent = named(fact["below"]) if "below" in fact else None
    yield orgs.GroupCreated(**where, parent_id=parent, name=name, node_type="group", type="regular")
    for kind in ("individual", "leader", "member"):
        added = tuple(map(named, fact.get(f"{kind}s", ())))
        yield orgs.GroupPeopleChanged(**where, kind=kind, added=added)


def individual_event(name, fact, organizations):
    owner_type = "organization" if fact["owner"] in organizations else "user"
    user = named(fact["user"]) if "user" in fact else None
    owner = named(fact["owner"])
    return orgs.IndividualRegistered(individual_id=named(name), owner_id=owner, owner_type=owner_type, user_id=user)


def grant_event(name, fact, world):
    """`to` is a person, `role NAME of ORGANIZATION`, `group NAME` or `participants NAME`."""
    kind, *words = fact["to"].split() if " " in fact["to"] else ("user", fact["to"])
    subject = role_id(words[0], named(words[2])) if kind == "role" else named(words[0])
    resource_type, resource, operation = fact["may"].split(":")
    return authz.AccessGrantCreated(
        access_grant_id=named(name),
        subject_type=kind,
        subject_id=subject,
        resource_type=resource_type,
        resource_id=str(named(resource)) if resource_type in OBJECTS else resource,
        operation=operation,
        organization_id=named(next(iter(world["organizations"]))),
        expires_at=fact.get("until"),
        condition=fact.get("when"),
    )


def events_of(world):
    for name, fact in world.get("organizations", {}).items():
        yield from organization_events(name, fact)
    for name, people in world.get("system", {}).items():
        yield from role_events(name, None, people)
    for place, roles in world.get("custom", {}).items():
        for name, people in roles.items():
            yield from role_events(name, named(place), people)
    for name, fact in world.get("groups", {}).items():
        yield from group_events(name, fact)
    for name, fact in world.get("individuals", {}).items():
        yield individual_event(name, fact, world["organizations"])
    for number, fact in enumerate(world.get("grants", ())):
        yield grant_event(f"grant {number}", fact, world)
    for person in world.get("disabled", ()):
        yield identity.UserDisabled(user_id=named(person), ended_at=now())


def query_of(text):
    kind, name, operation = text.split(":")
    return f"{kind}:{named(name)}:{operation}" if kind in OBJECTS and name else text


@pytest.mark.parametrize(("world", "line"), LINES, ids=[f"{world['world']}: {line['query']}" for world, line in LINES])
def test_line(world, line):
    facts = replica_of_events(*events_of(world)).facts
    query = parse(query_of(line["query"]), "")
    situation = Situation(time.time(), line.get("context", {}))
    allowed = [person for person in world["people"] if allows(facts, str(named(person)), [query], situation)]
    assert sorted(allowed) == sorted(line["allowed"])
    for person in world["people"]:
        number = active(facts, str(named(person)))
        assert bool(number >= 0 and list(paths(facts, number, query, situation))) == (person in line["allowed"])
    if (query.kind in OBJECTS or query.kind.startswith("app.")) and query.identifier:
        listing = AccessQuery(query.kind, "", query.operation)
        listed = [
            person
            for person in world["people"]
            if query.identifier in accessible(facts, str(named(person)), [listing], None, situation).page(100, 0)
        ]
        assert sorted(listed) == sorted(line["allowed"])
        found = accessors(facts, [query], None, situation).page(100, 0)
        assert found == sorted(str(named(person)) for person in line["allowed"])
