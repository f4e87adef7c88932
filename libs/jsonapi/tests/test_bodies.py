from typing import Annotated, Any, Literal
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonapi import ChangeDocument, NewDocument, document, error_document
from jsonapi.bodies import problems
from kernel import Conflict, Invalid, Problems


class Place(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    post_code: str


class Attributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    first_name: Annotated[str, msgspec.Meta(max_length=5)]
    counts: list[int] = []
    place: Place | None = None
    nick: str | None | msgspec.UnsetType = msgspec.UNSET


New = NewDocument[Literal["things"], Attributes]


def pointers(body: Any) -> set[str | None]:
    raw = msgspec.json.encode(body)
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(raw, type=New)
    error = problems(raw, New, caught.value)
    assert isinstance(error, Problems)
    return {problem.pointer for problem in error.problems}


def body(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "things", "attributes": attributes}}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (body(), {"/data/attributes/first-name"}),
        (body(**{"first-name": "toolong"}), {"/data/attributes/first-name"}),
        (
            body(**{"first-name": "a", "counts": [1, "2", None]}),
            {"/data/attributes/counts/1", "/data/attributes/counts/2"},
        ),
        (
            body(**{"first-name": "a", "place": {"post-code": 1, "x": 1}}),
            {"/data/attributes/place/post-code", "/data/attributes/place/x"},
        ),
        (body(**{"first-name": "a", "nick": 4}), {"/data/attributes/nick"}),
        (body(**{"first-name": "a", "a/b~c": 4}), {"/data/attributes/a~1b~0c"}),
        ({"data": {"type": "other", "attributes": {}}, "x": 1}, {"/data/type", "/data/attributes/first-name", "/x"}),
        ({}, {"/data"}),
        ({"data": []}, {"/data"}),
        ([], {""}),
    ],
)
def test_each_problem_is_named_where_it_stands(sent: Any, expected: set[str]) -> None:
    assert pointers(sent) == expected


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=7),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["first-name", "counts", "place", "post-code", "nick", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_a_refused_body_always_has_a_problem(attributes: Any) -> None:
    raw = msgspec.json.encode({"data": {"type": "things", "attributes": attributes}})
    try:
        msgspec.json.decode(raw, type=New)
    except msgspec.ValidationError as error:
        found = problems(raw, New, error)
        assert isinstance(found, Problems)
        assert all(problem.detail for problem in found.problems)


def test_a_change_must_be_about_the_paths_resource() -> None:
    identifier = uuid4()
    raw = msgspec.json.encode({"data": {"id": str(identifier), "type": "things", "attributes": {"first-name": "a"}}})
    change = msgspec.json.decode(raw, type=ChangeDocument[Literal["things"], Attributes])
    assert change.attributes_for(identifier).first_name == "a"
    with pytest.raises(Invalid) as caught:
        change.attributes_for(uuid4())
    assert caught.value.pointer == "/data/id"


def test_documents_and_errors_have_json_apis_members() -> None:
    made = msgspec.to_builtins(document("things", uuid4(), Attributes("a", nick="b")))
    assert set(made) == {"data", "meta"}
    assert made["data"]["attributes"]["first-name"] == "a"
    told = msgspec.to_builtins(error_document(Conflict("no", pointer="/data", meta={"n": 1})))
    assert told["errors"] == [
        {"status": "409", "code": "conflict", "detail": "no", "source": {"pointer": "/data"}, "meta": {"n": 1}}
    ]
