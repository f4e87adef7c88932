"""Many changes in one request."""

from typing import Any

from directories import BULK, GROUP, PATCH, Directory, directory, new_user
from identity.scim.protocol import MOST_OPERATIONS
from identity_world import World

Json = dict[str, Any]


async def bulk(ours: Directory, *operations: Json, **fields: Any) -> list[Json]:
    answer = await ours.post("Bulk", {"schemas": [BULK], "Operations": list(operations)} | fields)
    assert answer.status_code == 200, answer.text
    return answer.json()["Operations"]


def made(bulk_id: str, **fields: Any) -> Json:
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": new_user(**fields)}


def group(bulk_id: str, name: str, *members: str) -> Json:
    data = {"schemas": [GROUP], "displayName": name, "members": [{"value": f"bulkId:{one}"} for one in members]}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


async def test_operations_refer_to_each_other_in_whichever_order(world: World) -> None:
    ours = await directory(world)
    titled = {"schemas": [PATCH], "Operations": [{"op": "add", "path": "title", "value": "x"}]}
    results = await bulk(
        ours,
        {"method": "PATCH", "path": "/Users/bulkId:ada", "data": titled},
        group("nurses", "Nurses", "ada", "bob"),
        made("ada"),
        made("bob"),
    )
    assert [(one["method"], one["status"]) for one in results] == [
        ("PATCH", "200"),
        ("POST", "201"),
        ("POST", "201"),
        ("POST", "201"),
    ]
    read = (await ours.get(results[1]["location"].partition(f"{ours.organization_id}/")[2])).json()
    people = [one["location"].rpartition("/")[2] for one in results[2:]]
    assert sorted(one["value"] for one in read["members"]) == sorted(people)
    assert (await ours.get(f"Users/{people[0]}")).json()["title"] == "x"


async def test_each_stands_or_falls_by_itself(world: World) -> None:
    ours = await directory(world)
    ada = await ours.user()
    results = await bulk(
        ours,
        made("twin", userName=ada["userName"]),
        made("bob"),
        {"method": "DELETE", "path": f"/Users/{ada['id']}", "version": 'W/"old"'},
        {"method": "DELETE", "path": f"/Users/{ada['id']}"},
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Users", "data": new_user()},
        {"method": "DELETE", "path": "/Users/nobody"},
        group("lost", "Lost", "nobody"),
        group("failed", "Failed", "twin"),
    )
    assert [one["status"] for one in results] == ["409", "201", "412", "204", "400", "400", "404", "409", "409"]
    assert results[0]["response"]["scimType"] == "uniqueness"
    assert (await ours.get(f"Users/{ada['id']}")).status_code == 404


async def test_errors_end_it_where_it_is_wanted(world: World) -> None:
    ours = await directory(world)
    wrong = {"method": "DELETE", "path": "/Users/nobody"}
    results = await bulk(ours, wrong, wrong, made("late"), failOnErrors=2)
    assert [one["status"] for one in results] == ["404", "404"]


async def test_what_is_no_bulk_request_or_too_much(world: World) -> None:
    ours = await directory(world)
    for body in ({}, {"schemas": [BULK]}, {"schemas": [BULK], "Operations": [{"method": 3}]}, []):
        assert (await ours.post("Bulk", body)).status_code == 400
    operations = [{"method": "DELETE", "path": "/Users/x"}] * (MOST_OPERATIONS + 1)
    assert (await ours.post("Bulk", {"schemas": [BULK], "Operations": operations})).status_code == 413
    assert (await ours.post("Bulk", {"schemas": [BULK], "Operations": [], "failOnErrors": 0})).status_code == 400
    huge = await ours.client.post(ours.url("Bulk"), content=b"x" * (1024 * 1024 + 1))
    assert huge.status_code == 413
