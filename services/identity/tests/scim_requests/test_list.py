"""The record of a directory's requests."""

from directories import directory
from identity_world import World


async def test_an_administrator_reads_what_was_asked_and_how_it_was_answered(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    made = await ours.user()
    await ours.get("Users", params={"filter": f'userName eq "{made["userName"]}"'})
    await ours.post("Users", {"schemas": []})
    await ours.get("Users", params={"filter": 'emails eq "ada lovelace"'})
    await ours.get("Users", params={"filter": 'nobody eq "x"'})
    await ours.client.get(theirs.url("Users"))
    admin = world.client.as_(user_id=ours.admin)
    asked = {"organization-id": str(ours.organization_id)}
    rows = (await admin.get("/v1/scim-requests/", params=asked)).json()["data"]
    told = [(row["attributes"]["method"], row["attributes"]["status"]) for row in rows]
    assert told == [("GET", 400), ("GET", 400), ("POST", 400), ("GET", 200), ("POST", 201)]
    assert "lovelace" not in str(rows), "values may name people, too"
    failed = rows[2]["attributes"]
    assert (failed["scim-type"], bool(failed["problem"]), failed["actor"]) == (
        "invalidValue",
        True,
        str(ours.admin),
    )
    assert made["userName"] not in str(rows), "queries may name people"
    only = (await admin.get("/v1/scim-requests/", params=asked | {"filter[failed]": "true"})).json()["data"]
    assert [row["id"] for row in only] == [row["id"] for row in rows[:3]]
    stranger = world.client.as_(user_id=theirs.admin)
    assert (await stranger.get("/v1/scim-requests/", params=asked)).status_code == 404
    assert (await stranger.get("/v1/scim-requests/", params={"organization-id": str(theirs.organization_id)})).json()[
        "data"
    ] == []
