"""Groups through the gateway: files that go out and come back, a move that is looked at first."""

from typing import Any

from journeys import Gateway, document, new_organization, new_staff, unique, until


async def new_group(operator: Gateway, organization_id: str, name: str, parent: str | None = None) -> str:
    attributes = {"name": name, "organization-id": organization_id, "node-type": "group"}
    body = document("individual-groups", attributes | ({"parent-group-id": parent} if parent else {}))
    return (await operator.post("/v1/individual-groups/", body))["data"]["id"]


async def settled(operator: Gateway, path: str) -> dict[str, Any]:
    """What became of an import or an export."""

    async def ended() -> dict[str, Any] | None:
        found = (await operator.get(path))["data"]["attributes"]
        return found if found["status"] in {"done", "failed"} else None

    return await until(ended)


async def imported(operator: Gateway, organization_id: str, kind: str, content: bytes) -> dict[str, Any]:
    """Send a file and wait for its end."""
    query = {"organization-id": organization_id, "kind": kind}
    headers = {"authorization": f"Bearer {operator.tokens['access-token']}", "content-type": "text/csv"}
    answer = await operator.http.post("/v1/imports/", params=query, content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return await settled(operator, f"/v1/imports/{answer.json()['data']['id']}/")


async def exported(operator: Gateway, organization_id: str, kind: str) -> bytes:
    """Ask for a file, wait for it and fetch it by its link, without a credential."""
    body = {"data": {"type": "exports", "attributes": {"organization-id": organization_id, "kind": kind}}}
    made = await operator.post("/v1/exports/", body)
    done = await settled(operator, f"/v1/exports/{made['data']['id']}/")
    assert done["status"] == "done"
    answer = await operator.http.get(done["files"][0]["url"])
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_a_file_goes_out_and_comes_back(operator: Gateway) -> None:
    organization = await new_organization(operator)
    groups = b"key,name,parent-key,tags\nward,Ward 3,north,a;b\nnorth,=North,,\n"
    done = await imported(operator, organization, "individual-groups", groups)
    assert (done["status"], done["created"]) == ("done", 2), done
    rows = "".join(f"p{number},Ana {number},+3460000{number:04},ward\n" for number in range(1500))
    done = await imported(operator, organization, "individuals", f"key,first-name,phone,groups\n{rows}".encode())
    assert (done["status"], done["created"], done["progress"]) == ("done", 1500, {"done": 1500, "total": 1500}), done
    files = {kind: await exported(operator, organization, kind) for kind in ("individual-groups", "individuals")}
    assert b"\n=" not in files["individual-groups"]
    for kind, content in files.items():
        again = await imported(operator, organization, kind, content)
        assert (again["status"], again["created"], again["changed"]) == ("done", 0, 0), again
        assert await exported(operator, organization, kind) == content
    other = await new_organization(operator)
    for kind, content in files.items():
        copied = await imported(operator, other, kind, content)
        assert (copied["status"], copied["changed"]) == ("done", 0), copied
    listed = await operator.get(f"/v2/individual-groups/?organization-id={other}&filter[text]=ward")
    (ward,) = listed["data"]
    assert (ward["attributes"]["individuals-count"], ward["attributes"]["tags"]) == (1500, ["a", "b"])


async def test_a_file_that_is_wrong_changes_nothing(operator: Gateway) -> None:
    organization = await new_organization(operator)
    done = await imported(operator, organization, "individuals", b"key,birth-date,groups\na,yesterday,\nb,,nowhere\n")
    assert [(one["line"], one["column"]) for one in done["errors"]] == [(2, "birth-date"), (3, "groups")]
    assert (done["status"], done["created"], done["error-count"]) == ("failed", 0, 2)
    task = (await operator.get(f"/v1/tasks/{done['task-id']}/"))["data"]["attributes"]
    assert task["status"] == "failed"


async def test_who_gains_and_loses_is_known_before_a_move(operator: Gateway) -> None:
    organization = await new_organization(operator)
    left = await new_group(operator, organization, unique("left"))
    right = await new_group(operator, organization, unique("right"))
    group = await new_group(operator, organization, unique("group"), left)
    await new_group(operator, organization, unique("below"), group)
    loser, winner = await new_staff(operator, organization), await new_staff(operator, organization)
    for place, leader in ((left, loser), (right, winner)):
        await operator.post(f"/v1/individual-groups/{place}/add-leaders/", {"user-ids": [leader.user_id]})
    wanted = {"to-parent-group-id": right}

    async def told() -> dict[str, Any] | None:
        found = (await operator.post(f"/v1/individual-groups/{group}/preview-move/", wanted))["data"]
        ready = found["gains"]["total"] == found["loses"]["total"] == 1
        return found if ready else None

    found = await until(told)
    assert found["groups"] == 2
    assert found["gains"]["first"][0]["user-id"] == winner.user_id
    assert found["loses"]["first"][0]["user-id"] == loser.user_id
    moved = await operator.post(f"/v1/individual-groups/{group}/move-group/", wanted)
    task = (await operator.get(f"/v1/tasks/{moved['data']['task-id']}/"))["data"]["attributes"]
    assert (task["status"], task["result"]["moved"]) == ("done", 2)
    await winner.get(f"/v1/individual-groups/{group}/")
    await loser.get(f"/v1/individual-groups/{group}/", status=403)
