from uuid import UUID, uuid4

from contracts.orgs import IndividualRegistered, IndividualUpdated
from identity_world import World


def registered(individual: UUID, owner: UUID, **fields: object) -> IndividualRegistered:
    return IndividualRegistered(individual_id=individual, owner_id=owner, owner_type="user", **fields)


async def cared(world: World, user_id: UUID) -> list[dict[str, object]]:
    answer = await world.client.as_(user_id=user_id).get(f"/v1/users/{user_id}/")
    return answer.json()["data"]["attributes"]["additional-individuals"]


async def test_those_whom_a_user_takes_care_of(world: World) -> None:
    _, user_id = await world.confirmed()
    child, own, away = uuid4(), uuid4(), uuid4()
    world.orgs.individuals[str(child)] = {"first-name": "Mia", "last-name": "Byron", "birth-date": "2019-08-24"}
    await world.hear(registered(child, user_id))
    await world.hear(registered(child, user_id))
    await world.hear(registered(own, user_id, user_id=user_id))
    await world.hear(registered(away, user_id))
    rows = {row["id"]: row for row in await cared(world, user_id)}
    assert set(rows) == {str(child), str(away)}
    assert (rows[str(child)]["first-name"], rows[str(child)]["birth-date"]) == ("Mia", "2019-08-24")
    assert rows[str(away)]["first-name"] is None
    service = await world.client.as_service("orgs").get(f"/v1/users/{user_id}/")
    shown = service.json()["data"]["attributes"]["additional-individuals"]
    assert [row["first-name"] for row in shown] == [None, None]

    moved = {"owner_id": uuid4(), "owner_type": "organization"}
    await world.hear(IndividualUpdated(individual_id=away, **moved))
    assert [row["id"] for row in await cared(world, user_id)] == [str(child)]
    world.orgs.individuals.clear()
    assert [row["first-name"] for row in await cared(world, user_id)] == [None]
