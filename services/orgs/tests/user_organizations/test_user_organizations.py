from uuid import uuid4

from contracts.orgs import OrganizationUserAdded
from orgs_world import World, new, ok, pointers


async def test_who_belongs_where(world: World, outbox) -> None:
    first, second = await world.organization("First"), await world.organization("Second")
    user = world.neighbours.user()
    for organization in (first, second):
        for _ in range(2):
            body = new("user-organizations", organization_id=organization, user_id=user)
            made = ok(await world.operator.post("/v1/user-organizations/", json=body), 201)["data"]["attributes"]
    assert made["organization-count"] == 2
    assert (made["organization-name"], made["user-id"], made["roles"]) == ("Second", str(user), ["org.member"])
    added = [event for event in await outbox() if isinstance(event, OrganizationUserAdded) and event.user_id == user]
    assert len(added) == 2
    mine = ok(await world.as_(user).get("/v1/user-organizations/", params={"user-id": str(user)}))
    assert [row["attributes"]["organization-id"] for row in mine["data"]] == [str(first), str(second)]
    assert mine["meta"]["page[total]"] == 2
    others = ok(await world.as_(user).get("/v1/user-organizations/", params={"organization-id": str(first)}))
    assert {row["attributes"]["user-id"] for row in others["data"]} == {str(user), str(world.operator_id)}
    stranger = world.as_(await world.staff(await world.organization()))
    hidden = ok(await stranger.get("/v1/user-organizations/", params={"organization-id": str(first)}))
    assert hidden["data"] == []


async def test_bad_input(world: World) -> None:
    organization, user = await world.organization(), world.neighbours.user()

    async def post(client, **attributes):
        return await client.post("/v1/user-organizations/", json=new("user-organizations", **attributes))

    operator = world.operator
    answer = await post(operator, organization_id=uuid4(), user_id=user)
    assert pointers(answer, 404) == {"/data/attributes/organization-id"}
    answer = await post(operator, organization_id=organization, user_id=uuid4())
    assert pointers(answer, 404) == {"/data/attributes/user-id"}
    assert pointers(await post(operator), 400) == {"/data/attributes/organization-id", "/data/attributes/user-id"}
    stranger = world.as_(await world.staff(await world.organization(), "org.admin"))
    answer = await post(stranger, organization_id=organization, user_id=user)
    assert pointers(answer, 404) == {"/data/attributes/organization-id"}
    assert pointers(
        await post(world.as_(await world.staff(organization)), organization_id=organization, user_id=user), 403
    )
