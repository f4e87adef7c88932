"""What filters may say, and each refusal's words."""

from typing import Any

import pytest
from artifacts.cohorts.filters import (
    Behavioral,
    PersonLeaf,
    cohort_type,
    has_leaf,
    is_behavioral,
    leaves,
    references,
    written,
)
from artifacts.cohorts.filters.legacy import from_groups, normalised
from artifacts.cohorts.filters.nodes import Leaf
from artifacts.cohorts.filters.parsing import EMPTY, effective, parse
from kernel import Invalid

PERSON = {"type": "person", "key": "plan", "operator": "exact", "value": "pro"}
COHORT = {"type": "cohort", "key": "id", "value": 7}
DID = {
    "type": "behavioral",
    "key": "view",
    "value": "performed_event",
    "event_type": "events",
    "time_value": 30,
    "time_interval": "day",
}
SHAPE = "Must contain a 'properties' key with type and values"


def around(*leaves: Any, kind: str = "AND") -> dict[str, Any]:
    return {"properties": {"type": kind, "values": list(leaves)}}


def deep(levels: int) -> dict[str, Any]:
    node: dict[str, Any] = PERSON
    for _ in range(levels):
        node = {"type": "AND", "values": [node]}
    return {"properties": node}


def without(leaf: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in leaf.items() if name not in names}


REFUSED: dict[str, tuple[Any, str]] = {
    "no object": ("[Slkasd=lkxcn]", SHAPE),
    "null": (None, SHAPE),
    "empty": ({}, SHAPE),
    "no group": ({"properties": {}}, SHAPE),
    "a list": ({"properties": [PERSON]}, SHAPE),
    "no values": ({"properties": {"type": "AND"}}, SHAPE),
    "another key": ({**around(PERSON), "not_a_field": 1}, "not_a_field"),
    "another key in a group": ({"properties": {"type": "OR", "values": [], "not_a_field": 1}}, "not_a_field"),
    "lower case": (around(PERSON, kind="and"), "must be AND or OR"),
    "another type": (around({**PERSON, "type": "element"}), "Got: element"),
    "no condition": (around("person"), "must be an object"),
    "another key of a person": (around({**PERSON, "not_a_field": 1}), "not_a_field"),
    "another key of a cohort": (around({**COHORT, "not_a_field": 1}), "not_a_field"),
    "another key of behaviour": (around({**DID, "not_a_field": 1}), "not_a_field"),
    "neither value nor operator": (
        around(without(PERSON, "value", "operator")),
        "Missing required keys for person filter: value, operator",
    ),
    "no value": (around(without(PERSON, "value")), "Missing required keys for person filter: value"),
    "no operator": (around(without(PERSON, "operator")), "Missing required keys for person filter: operator"),
    "no cohort": (around(without(COHORT, "value")), "Missing required keys for cohort filter: value"),
    "no event type": (around(without(DID, "event_type")), "Missing required keys for behavioral filter: event_type"),
    "no kind": (around(without(DID, "value")), "Missing required keys for behavioral filter: value"),
    "a list for a number": (around({**DID, "operator_value": [5]}), "operator_value"),
    "a word for a number": (around({**DID, "time_value": "soon"}), "time_value"),
    "true for a number": (around({**DID, "time_value": True}), "time_value"),
    "no number of a cohort": (around({**COHORT, "value": "all"}), "value"),
    "negation": (around({**PERSON, "negation": "perhaps"}), "negation"),
    "interval": (around({**DID, "time_interval": "fortnight"}), "time_interval"),
    "kind": (around({**DID, "value": "dreamt_of"}), "value"),
    "date": (around({**PERSON, "operator": "is_date_after", "value": "soon"}), "Invalid date value 'soon'"),
    "pattern": (around({**PERSON, "operator": "regex", "value": "(a"}), "The pattern '(a' cannot be used"),
    "looking back": (around({**PERSON, "operator": "regex", "value": r"(a)\1"}), "cannot be used"),
    "looking ahead": (around({**PERSON, "operator": "not_regex", "value": "(?=a)"}), "cannot be used"),
    "periods": (around({**DID, "min_periods": 3, "total_periods": 2}), "min_periods must not exceed total_periods"),
    "event filter": (around({**DID, "event_filters": [{"type": "event", "key": "a"}]}), "event filter: value"),
    "event filter's type": (around({**DID, "event_filters": [{"type": "person"}]}), "Got: person"),
    "too deep": (deep(11), "at most 10 deep"),
    "too many": (around(*[PERSON] * 1001), "at most 1000 conditions"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused(name: str) -> None:
    given, words = REFUSED[name]
    with pytest.raises(Invalid) as refused:
        parse(given, is_static=False)
    assert words in refused.value.detail
    assert refused.value.pointer == "/filters"
    assert refused.value.code == "invalid_input"


PRO = PersonLeaf(key="plan", operator="exact", value="pro")
ALLOWED: dict[str, tuple[Any, list[Leaf]]] = {
    "deep": (deep(10), [PRO]),
    "many": (around(*[PERSON] * 1000), [PRO] * 1000),
    "any operator": (
        around({**PERSON, "operator": "anything at all"}),
        [PersonLeaf(key="plan", operator="anything at all", value="pro")],
    ),
    "no value": (
        around(without(PERSON, "value") | {"operator": "is_set"}),
        [PersonLeaf(key="plan", operator="is_set")],
    ),
    "an action": (
        around({**DID, "key": 12, "event_type": "actions", "seq_event": None}),
        [Behavioral(key=12, value="performed_event", event_type="actions", time_value=30, time_interval="day")],
    ),
    "no time": (
        around({**without(DID, "time_value", "time_interval"), "operator": "gte"}),
        [Behavioral(key="view", value="performed_event", event_type="events", operator="gte")],
    ),
    "no condition": (around(), []),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_just_allowed(name: str) -> None:
    given, expected = ALLOWED[name]
    group = parse(given, is_static=False)
    assert list(leaves(group)) == expected
    assert has_leaf(group) == bool(expected)


def test_numbers_as_text_and_the_normal_form() -> None:
    given = around({**DID, "time_value": "30", "seq_event": None}, {**COHORT, "value": "8814"}, PERSON, kind="OR")
    assert written(parse(given, is_static=False)) == around(
        {**DID, "negation": False},
        {**COHORT, "value": 8814, "negation": False},
        {**PERSON, "negation": False},
        kind="OR",
    )
    group = parse(given, is_static=False)
    assert references(group) == {8814}
    assert is_behavioral(group)
    assert not is_behavioral(parse(around(PERSON), is_static=False))


@pytest.mark.parametrize("given", [None, {}, {"properties": {}}, "x", {"properties": {"type": "OR", "values": []}}])
def test_a_static_cohort_without_conditions_says_what_it_likes(given: Any) -> None:
    assert parse(given, is_static=True) == EMPTY
    assert not has_leaf(EMPTY)


def test_a_static_cohort_with_conditions_is_read() -> None:
    with pytest.raises(Invalid):
        parse(around({"type": "person"}), is_static=True)


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [
        ((PERSON,), "person_property"),
        ((PERSON, DID), "behavioral"),
        (({**DID, "value": "performed_event_first_time"}, PERSON), "analytical"),
        ((COHORT,), "static"),
        (({**COHORT, "value": 8}, PERSON), "behavioral"),
        (({**COHORT, "value": 9},), "static"),
    ],
    ids=["person", "behavioral", "analytical", "static", "nested", "unknown"],
)
def test_the_type_that_follows(leaves: Any, expected: str) -> None:
    assert cohort_type(parse(around(*leaves), is_static=False), {7: "static", 8: "behavioral"}) == expected


def test_legacy_groups() -> None:
    assert from_groups([{"properties": {"team_id": 5}}]) == around(
        around({"key": "team_id", "value": 5, "type": "person"})["properties"], kind="OR"
    )
    groups = [
        {"properties": [{"key": "a", "value": "x", "type": "event", "operator": "is_not"}, {"key": "b", "value": 1}]},
        {"properties": [{"type": "cohort", "key": "id", "value": "12"}]},
        {"event_id": "view", "days": 7, "count": 3, "count_operator": "gte"},
        {"action_id": 12},
    ]
    first, second, third, fourth = from_groups(groups)["properties"]["values"]
    assert [leaf["type"] for leaf in first["values"]] == ["person", "person"]
    assert second["values"][0]["value"] == "12"
    assert third["values"] == [
        {
            "key": "view",
            "type": "behavioral",
            "value": "performed_event_multiple",
            "event_type": "events",
            "operator": "gte",
            "operator_value": 3,
            "time_value": 7,
            "time_interval": "day",
        }
    ]
    assert (fourth["values"][0]["event_type"], fourth["values"][0]["time_value"]) == ("actions", 365)
    assert references(effective(None, groups)) == {12}
    assert effective({}, []) == EMPTY
    assert effective(around(PERSON), groups) == parse(around(PERSON), is_static=False)
    (whole,) = normalised([{"properties": {"team_id": 5}}])
    assert len(whole) == 9
    assert whole["properties"] == [{"key": "team_id", "value": 5, "type": "person"}]
    assert whole["count_operator"] is None


@pytest.mark.parametrize("groups", [{}, [1], [{}], [{"days": 3}], [{"properties": 5}], "x"])
def test_groups_that_are_none(groups: Any) -> None:
    with pytest.raises(Invalid) as refused:
        from_groups(groups)
    assert refused.value.pointer == "/groups"
