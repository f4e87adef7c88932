"""PATCH as the standard has it, and as Microsoft Entra ID and Okta send it."""

from typing import Any

import pytest
from directories import ENTERPRISE, directory
from identity_world import World

Json = dict[str, Any]


def at(document: Json, *path: Any) -> Any:
    for step in path:
        document = document[step]
    return document


CASES: dict[str, tuple[Json | list[Json], tuple[Any, ...], Any]] = {
    "attribute": ({"op": "replace", "path": "title", "value": "Admiral"}, ("title",), "Admiral"),
    "sub-attribute": ({"op": "add", "path": "name.middleName", "value": "B"}, ("name", "middleName"), "B"),
    "with its schema": (
        {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:nickName", "value": "G"},
        ("nickName",),
        "G",
    ),
    "of the extension": (
        {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Navy"},
        (ENTERPRISE, "department"),
        "Navy",
    ),
    "no path": ({"op": "add", "value": {"title": "Admiral"}}, ("title",), "Admiral"),
    "no path, dotted names": (
        {"op": "replace", "value": {"name.givenName": "Amazing"}},
        ("name", "givenName"),
        "Amazing",
    ),
    "no path, name with its schema": (
        {"op": "replace", "value": {f"{ENTERPRISE}:costCenter": "7"}},
        (ENTERPRISE, "costCenter"),
        "7",
    ),
    "selected value": (
        {"op": "replace", "path": 'emails[type eq "work"].display', "value": "at work"},
        ("emails", 0, "display"),
        "at work",
    ),
    "a selection that matches nothing makes the entry": (
        {"op": "add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+12015550123"},
        ("phoneNumbers", 0),
        {"type": "mobile", "value": "+12015550123"},
    ),
    "list grows": (
        {"op": "add", "path": "emails", "value": [{"value": "home@example.org", "type": "home"}]},
        ("emails", 1, "value"),
        "home@example.org",
    ),
    "one primary value": (
        {"op": "add", "path": "emails", "value": [{"value": "home@example.org", "primary": True}]},
        ("emails", 0, "primary"),
        False,
    ),
    "Entra: operations begin with a capital": ({"op": "Replace", "path": "title", "value": "x"}, ("title",), "x"),
    "Entra: booleans as texts": ({"op": "Replace", "path": "active", "value": "False"}, ("active",), False),
    "Entra: booleans as texts, no path": ({"op": "Replace", "value": {"active": "False"}}, ("active",), False),
    "Entra: a manager by the id": (
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "26"},
        (ENTERPRISE, "manager"),
        {"value": "26"},
    ),
    "Entra: a role that is primary": (
        {"op": "Add", "path": 'roles[primary eq "True"].value', "value": "admiral"},
        ("roles", 0, "value"),
        "admiral",
    ),
    "Okta: active without a path": ({"op": "replace", "value": {"active": False}}, ("active",), False),
    "several in order": (
        [{"op": "add", "path": "title", "value": "a"}, {"op": "replace", "path": "title", "value": "b"}],
        ("title",),
        "b",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_what_comes_of_it(world: World, name: str) -> None:
    ours = await directory(world)
    made = await ours.user()
    operations, path, expected = CASES[name]
    answer = await ours.patch(f"Users/{made['id']}", *(operations if isinstance(operations, list) else [operations]))
    assert answer.status_code == 200, answer.text
    assert at(answer.json(), *path) == expected
    assert at((await ours.get(f"Users/{made['id']}")).json(), *path) == expected


@pytest.mark.parametrize(
    ("operation", "gone"),
    [
        ({"op": "remove", "path": "title"}, "title"),
        ({"op": "remove", "path": 'emails[type eq "work"]'}, "phoneNumbers"),
        ({"op": "Remove", "path": "roles", "value": [{"value": "admiral"}]}, "roles"),
        ({"op": "replace", "path": "title", "value": None}, "title"),
        ({"op": "replace", "path": "roles", "value": []}, "roles"),
    ],
    ids=["attribute", "selection", "Entra: values", "null", "empty list"],
)
async def test_what_goes(world: World, operation: Json, gone: str) -> None:
    ours = await directory(world)
    made = await ours.user(title="x", roles=[{"value": "admiral"}])
    answer = await ours.patch(f"Users/{made['id']}", operation)
    assert answer.status_code == 200, answer.text
    assert gone not in answer.json()


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "move", "path": "title", "value": "x"}, "invalidValue"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "replace", "path": "emails[type eq", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "title"}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [{"value": "nobody"}]}, "invalidValue"),
        ({"op": "replace", "path": 'title[type eq "x"]', "value": "x"}, None),
    ],
    ids=["operation", "no path", "required", "id", "read-only", "path", "no value", "value", "no list"],
)
async def test_what_is_refused_changes_nothing(world: World, operation: Json, kind: str | None) -> None:
    ours = await directory(world)
    made = await ours.user()
    before = (await ours.get(f"Users/{made['id']}")).headers["etag"]
    answer = await ours.patch(f"Users/{made['id']}", {"op": "add", "path": "title", "value": "x"}, operation)
    assert answer.status_code == 400, answer.text
    assert kind is None or answer.json()["scimType"] == kind
    assert (await ours.get(f"Users/{made['id']}")).headers["etag"] == before


async def test_a_put_as_okta_sends_it_keeps_the_password(world: World) -> None:
    from identity_world import PASSWORD

    ours = await directory(world)
    made = await ours.user(password=PASSWORD, title="x")
    whole = {name: value for name, value in made.items() if name not in {"title", "meta"}}
    answer = await ours.put(f"Users/{made['id']}", whole | {"groups": [], "nickName": "Amazing"})
    assert answer.status_code == 200, answer.text
    assert ("title" in answer.json(), answer.json()["nickName"]) == (False, "Amazing")
    assert (await world.sign_in(made["userName"])).status_code == 201
