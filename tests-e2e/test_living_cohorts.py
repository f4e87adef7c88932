"""One cohort in three dialects, whose members follow people as they change, and files of persons in and out."""

from typing import Any
from uuid import UUID

from journeys import Gateway, document, new_organization, new_staff, switched, until

PROJECT = "/api/projects/@current/cohorts"
LEARNING = "/api/v1/learning/cohorts"
V5 = "/api/v5/artifacts"


async def search(person: Gateway, **filters: Any) -> list[dict[str, Any]]:
    return (await person.post(f"{V5}/cohorts/search", filters, 200))["cohorts"]


async def upload(person: Gateway, content: str, **fields: str) -> dict[str, Any]:
    """A static cohort from a file."""
    answer = await person.http.post(
        f"{PROJECT}/",
        data={"is_static": "true", **fields},
        files={"csv": ("people.csv", content.encode(), "text/csv")},
        headers={"authorization": f"Bearer {person.tokens['access-token']}"},
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


async def counted(person: Gateway, number: int, expected: int) -> dict[str, Any]:
    """A cohort, once it is calculated and has so many."""

    async def done() -> dict[str, Any] | None:
        body = await person.get(f"{PROJECT}/{number}/")
        return body if body["count"] == expected and not body["is_calculating"] else None

    return await until(done)


async def test_whoever_changes_leaves_in_every_dialect(operator: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await switched(operator, organization)
    ada, grace = await new_staff(operator, organization), await new_staff(operator, organization)

    async def profiles() -> dict[str, str] | None:
        found = (await admin.post(f"{V5}/profiles/search", {}, 200))["profiles"]
        known = {row["primary_email"]: row["profile_id"] for row in found}
        return known if len(known) >= 3 else None

    await until(profiles)
    condition = {"type": "person", "key": "first_name", "operator": "exact", "value": ["Ada"]}
    filters = {"properties": {"type": "AND", "values": [condition]}}
    made = await admin.post(f"{PROJECT}/", {"name": "Adas", "filters": filters})
    assert made["is_calculating"]
    body = await counted(admin, made["id"], 2)
    assert (body["filters"], body["errors_calculating"], body["version"]) == (filters, 0, 1)

    people = (await admin.get(f"{PROJECT}/{made['id']}/persons/"))["results"]
    both = {row["uuid"]: row["properties"]["user_id"] for row in people}
    assert set(both.values()) == {ada.user_id, grace.user_id}
    changing = next(person for person, user in both.items() if user == grace.user_id)
    (row,) = await search(admin, filter_profile_ids=[changing])
    assert (row["name"], row["num_members"], row["can_leave"]) == ("Adas", 2, False)

    attributes = {"first-name": "Grace", "last-name": "Hopper"}
    answer = await operator.call("PATCH", f"/v1/users/{grace.user_id}/", document("users", attributes, grace.user_id))
    assert answer.status_code == 200, answer.text
    await counted(admin, made["id"], 1)
    assert await search(admin, filter_profile_ids=[changing]) == []

    (learning,) = (await admin.get(f"{LEARNING}?name=Adas"))["items"]
    change = {"session_count": 2, "name": "The Adas", "version": learning["version"]}
    answer = await admin.call("PATCH", f"{LEARNING}/{learning['id']}", change)
    assert answer.status_code == 200, answer.text
    done = {"learner_id": ada.user_id, "session": 1}
    assert (await admin.post(f"{LEARNING}/{learning['id']}/completions", done))["completion_pct"] == 100
    assert (await admin.get(f"{LEARNING}/{learning['id']}"))["current_completion_pct"] == 50
    body = await admin.get(f"{PROJECT}/{made['id']}/")
    assert (body["name"], body["count"]) == ("The Adas", 1)
    assert {row["name"] for row in await search(admin)} == {"The Adas"}

    refused = await admin.call("PATCH", f"{LEARNING}/{learning['id']}", change)
    assert refused.status_code == 409
    assert (await admin.call("DELETE", f"{LEARNING}/{learning['id']}")).status_code == 204
    assert (await admin.get(f"{PROJECT}/{made['id']}/"))["deleted"]
    assert (await admin.get(f"{PROJECT}/"))["count"] == 0
    activity = (await admin.get(f"{PROJECT}/{made['id']}/activity/"))["results"]
    assert [entry["activity"] for entry in activity] == ["deleted", "updated", "created"]


async def test_persons_come_and_go_by_files(operator: Gateway) -> None:
    """Of 30,000 lines, more than the gateway holds back of other bodies."""
    organization = await new_organization(operator)
    admin, ada = await switched(operator, organization), await new_staff(operator, organization)

    async def knows_ada() -> bool | None:
        found = (await admin.post(f"{V5}/profiles/search", {"search": "Byron"}, 200))["profiles"]
        return True if found else None

    await until(knows_ada)
    lines = [str(UUID(int=number)) for number in range(30_000)]
    made = await upload(admin, "\n".join([*lines, ada.user_id]), name="From a file")
    assert (made["is_static"], made["is_calculating"]) == (True, True)
    await counted(admin, made["id"], 1)
    file = await admin.call("GET", f"{PROJECT}/{made['id']}/persons.csv")
    assert file.headers["content-type"].startswith("text/csv")
    again = await upload(admin, file.text, name="Again")
    await counted(admin, again["id"], 1)
    copied = await admin.get(f"{PROJECT}/{again['id']}/duplicate_as_static_cohort/")
    assert (copied["name"], copied["count"]) == ("Again (static copy)", 1)
    (row,) = (await admin.get(f"/api/cohort/{copied['id']}/persons/"))["results"]
    assert row["properties"]["user_id"] == ada.user_id
    stranger = await new_staff(operator, await new_organization(operator))
    assert (await stranger.call("GET", f"{PROJECT}/{made['id']}/persons/")).status_code == 404
