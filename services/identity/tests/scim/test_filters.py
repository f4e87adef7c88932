"""Filters, orders and pages: against the grammar, and against the meaning that the library gives them in memory."""

import string
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from directories import Directory, directory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from identity.scim import protocol, searching
from identity.scim.filtering import condition
from identity.scim.protocol import Person, Problem
from identity_world import World
from scim2_models import ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from sqlalchemy import text

Json = dict[str, Any]
WORDS = ("", "a", "A", "ab", "Ab", "b", "é", "É", "e\u0301", "a b", '"', "\\", "%", "_", "work", "home")
TEXTS = ("userName", "nickName", "title", "name.givenName", "externalId", f"{protocol.ENTERPRISE}:department")
PLURAL = ("emails.type", "roles", "roles.value", "roles.type", "phoneNumbers.value", "addresses.country")
ADDRESSES = ("a@example.org", "A@example.org", "b@example.org")
OPERATORS = tuple(CompareOperator)


def paths(names: tuple[str, ...]) -> st.SearchStrategy[AttrPath]:
    def parsed(name: str) -> AttrPath:
        uri, _, rest = name.rpartition(":")
        attribute, _, below = rest.partition(".")
        return AttrPath(attribute, below or None, uri or None)

    return st.sampled_from(names).map(parsed)


words = st.sampled_from(WORDS)
values = st.one_of(words, st.none())
comparisons = st.builds(Comparison, paths(TEXTS + PLURAL), st.sampled_from(OPERATORS), values)
booleans = st.builds(
    Comparison,
    paths(("active", "emails.primary")),
    st.sampled_from((CompareOperator.eq, CompareOperator.ne)),
    st.booleans(),
)
moments = st.builds(
    Comparison,
    paths(("meta.created", "meta.lastModified")),
    st.sampled_from([one for one in OPERATORS if one.value not in {"co", "sw", "ew"}]),
    st.sampled_from(("2020-01-01T00:00:00Z", "2999-01-01T00:00:00+02:00")),
)
presences = st.builds(Present, paths((*TEXTS, *PLURAL, "name", "addresses", "active", "groups", "meta")))


def combined(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(below, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, below), st.builds(LogicalExpr, st.sampled_from(tuple(LogicalOperator)), several))


addressed = st.builds(
    Comparison, paths(("emails", "emails.value")), st.sampled_from(OPERATORS), st.sampled_from((*ADDRESSES, None))
)
inner = st.recursive(
    st.one_of(
        st.builds(Comparison, paths(("value", "type", "display")), st.sampled_from(OPERATORS), values),
        st.builds(Comparison, paths(("primary",)), st.just(CompareOperator.eq), st.booleans()),
        st.builds(Present, paths(("value", "type", "primary"))),
    ),
    combined,
    max_leaves=4,
)
selections = st.builds(ValuePath, paths(("roles", "phoneNumbers")), inner)
filters = st.recursive(
    st.one_of(comparisons, addressed, booleans, moments, presences, selections), combined, max_leaves=6
)
entries = st.lists(
    st.fixed_dictionaries(
        {"value": words.filter(bool)},
        optional={"type": st.sampled_from(("work", "home")), "primary": st.booleans(), "display": words.filter(bool)},
    ),
    max_size=3,
)
people = st.fixed_dictionaries(
    {"userName": words.filter(bool)},
    optional={
        "nickName": words.filter(bool),
        "title": words.filter(bool),
        "displayName": words.filter(bool),
        "externalId": words.filter(bool),
        "active": st.booleans(),
        "name": st.fixed_dictionaries({}, optional={"givenName": words.filter(bool), "familyName": words.filter(bool)}),
        "roles": entries,
        "phoneNumbers": entries,
        "addresses": st.lists(st.fixed_dictionaries({"country": words.filter(bool)}), max_size=2),
        "emails": st.lists(
            st.fixed_dictionaries(
                {"value": st.sampled_from(ADDRESSES)},
                optional={"type": st.sampled_from(("work", "home")), "primary": st.booleans()},
            ),
            max_size=3,
        ),
        protocol.ENTERPRISE: st.fixed_dictionaries({"department": words.filter(bool)}),
    },
)


def document(person: Json) -> Json:
    """A person as the database would make the document: without what is empty."""
    made = {name: value for name, value in person.items() if value not in ({}, [])}
    meta = {"resourceType": "User", "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-02T00:00:00.5Z"}
    return made | {"id": str(UUID(int=1)), "meta": meta, "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_the_database_means_what_the_standard_means(world: World, data: st.DataObject) -> None:
    """Eight people for each filter: the same ones match here and in memory."""
    node = data.draw(filters)
    everybody = [document(one) for one in data.draw(st.lists(people, min_size=8, max_size=8))]
    written = str(node)
    parsed = ScimFilter[Person](written)
    assert str(ScimFilter[Person](str(parsed.ast)).ast) == str(parsed.ast)
    wanted = [parsed.match(protocol.kept(Person, one)) for one in everybody]
    values_: Json = {}
    met = condition(Person, parsed.ast, values_)
    statement = text(
        f"SELECT {met} AS met FROM unnest(CAST(:documents AS jsonb[])) WITH ORDINALITY AS seen (document, at)"
        " ORDER BY at"
    )
    async with world.runtime.sessions.begin() as session:
        documents = [msgspec.json.encode(one).decode() for one in everybody]
        found = [row.met for row in await session.execute(statement, values_ | {"documents": documents})]
    assert found == wanted, f"{written}\n{met}\n{everybody}"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=string.printable + "é\u0000", max_size=60))
def test_any_text_is_a_filter_or_a_problem(typed: str) -> None:
    found: Problem | None = None
    try:
        asked = protocol.searching(Person, {"filter": typed})
    except Problem as problem:
        found = problem
    if found is None:
        assert condition(Person, asked.filter.ast, {})
    else:
        assert (found.status, found.code) == (400, "invalidFilter")


@pytest.mark.parametrize(
    "filter_",
    [
        'userName eq "x',
        "userName eq",
        "userName is x",
        'nobody eq "x"',
        'emails[type eq "x"',
        'title[value eq "x"]',
        "active gt true",
        'meta.created gt "yesterday"',
        "(" * 40 + "active eq true" + ")" * 41,
        "not (" * 40 + "active eq true" + ")" * 40,
        " or ".join(['userName eq "x"'] * 300),
    ],
)
async def test_what_is_no_filter_is_refused(world: World, filter_: str) -> None:
    ours = await directory(world)
    answer = await ours.get("Users", params={"filter": filter_})
    assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter")


async def three(world: World) -> tuple[Directory, list[Json]]:
    """A directory of three people beside its administrator."""
    ours = await directory(world)
    people_ = [
        await ours.user(userName=f"{name}-{uuid4().hex}", name={"givenName": name}, nickName=nick, externalId=name)
        for name, nick in (("Bob", "b"), ("ada", None), ("Cy", "a"))
    ]
    return ours, people_


async def test_finding_people(world: World) -> None:
    ours, (bob, ada, cy) = await three(world)
    for filter_, expected in {
        f'userName eq "{bob["userName"].upper()}"': [bob],
        f'userName eq "{bob["userName"]}" and nickName eq "B"': [bob],
        f'userName eq "{bob["userName"]}" and nickName eq "a"': [],
        'externalId eq "ada"': [ada],
        'externalId eq "ADA"': [],
        f'id eq "{cy["id"]}"': [cy],
        f'emails eq "{ada["emails"][0]["value"]}"': [ada],
        f'emails[type eq "work" and value eq "{cy["emails"][0]["value"]}"]': [cy],
        f'emails[type eq "work"].value eq "{cy["emails"][0]["value"]}"': [cy],
        "nickName pr": [bob, cy],
        'not (nickName pr) and name.givenName sw "A"': [ada],
        f'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "{ada["userName"]}"': [ada],
        'userName eq "\\u0000"': [],
    }.items():
        found = await ours.find(filter_)
        assert [one["id"] for one in found] == [one["id"] for one in expected], filter_


async def test_order_and_pages(world: World) -> None:
    ours, (bob, ada, cy) = await three(world)
    only = {"filter": "externalId pr"}

    async def ordered(**asked: Any) -> list[str]:
        answer = (await ours.get("Users", params=only | asked)).json()
        assert answer["totalResults"] == 3
        return [one["id"] for one in answer.get("Resources", [])]

    assert await ordered(sortBy="name.givenName") == [ada["id"], bob["id"], cy["id"]]
    assert await ordered(sortBy="name.givenName", sortOrder="descending") == [cy["id"], bob["id"], ada["id"]]
    assert await ordered(sortBy="nickName") == [cy["id"], bob["id"], ada["id"]]
    assert await ordered(sortBy="nickName", sortOrder="descending") == [ada["id"], bob["id"], cy["id"]]
    assert len(await ordered(sortBy="emails")) == 3
    assert await ordered(sortBy="name.givenName", startIndex=2, count=1) == [bob["id"]]
    assert await ordered(sortBy="name.givenName", startIndex=-5, count=2) == [ada["id"], bob["id"]]
    assert await ordered(count=0) == []
    assert await ordered(startIndex=10) == []
    for wrong in ({"sortBy": "nobody"}, {"sortBy": "name"}, {"count": "many"}, {"startIndex": "x"}):
        assert (await ours.get("Users", params=wrong)).status_code == 400
    posted = {"filter": "externalId pr", "sortBy": "name.givenName", "count": 1, "attributes": ["externalId"]}
    answer = (await ours.post("Users/.search", posted)).json()
    assert (answer["totalResults"], answer["itemsPerPage"]) == (3, 1)
    assert answer["Resources"][0]["externalId"] == "ada"


async def test_a_page_is_never_larger_than_announced(world: World) -> None:
    ours = await directory(world)
    config = (await ours.get("ServiceProviderConfig")).json()
    assert config["filter"]["maxResults"] == searching.MOST_RESULTS
    answer = (await ours.get("Users", params={"count": 10_000})).json()
    assert answer["itemsPerPage"] <= searching.MOST_RESULTS
