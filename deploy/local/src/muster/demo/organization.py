"""The operator makes an organization with its groups and people."""

from typing import Any

from muster import files
from muster.demo import data
from muster.demo.story import PASSWORD, Story, abreast, document

ADMIN_ROLE = "018f0000-0000-7000-8000-000000000001"


async def sign_in_as_operator(story: Story) -> tuple[Any, Any]:
    admin = files.read_object(story.home.path / "admin.json")
    answer = await story.operator.sign_in(admin["email"], admin["password"])
    return answer.status, None


async def create_organization(story: Story) -> tuple[Any, Any]:
    attributes = {
        "name": f"harbor-health-{story.run}",
        "display-name": "Harbor Health",
        "provider-type": "coach",
        "classification": "customer_test",
        "timezone": "America/New_York",
    }
    body = document("organizations", attributes)
    answer = await story.operator.expect(201, "POST", "/v1/organizations/", body)
    story.organization_id = answer.id
    return answer.status, None


async def create_groups(story: Story) -> tuple[Any, Any]:
    for group in data.groups():
        attributes = {
            "name": group.name,
            "node-type": group.node_type,
            "organization-id": story.organization_id,
        }
        if group.parent:
            attributes["parent-group-id"] = story.groups[group.parent]
        body = document("individual-groups", attributes)
        answer = await story.operator.expect(201, "POST", "/v1/individual-groups/", body)
        story.groups[group.name] = answer.id
    return f"{len(story.groups)} x 201", None


async def register_participants(story: Story) -> tuple[Any, Any]:
    async def register(person: data.Participant) -> None:
        attributes = {
            "owner-id": story.organization_id,
            "first-name": person.first_name,
            "last-name": person.last_name,
            "birth-date": person.birth_date,
        }
        answer = await story.operator.expect(201, "POST", "/v1/individuals/", document("individuals", attributes))
        story.individuals.setdefault(person.group, []).append(answer.id)

    people = data.participants()
    await abreast([lambda person=person: register(person) for person in people])
    return f"{len(people)} x 201", None


async def place_participants(story: Story) -> tuple[Any, Any]:
    for group, ids in story.individuals.items():
        path = f"/v1/individual-groups/{story.groups[group]}/add-individuals/"
        await story.operator.expect(201, "POST", path, {"individual-ids": ids})
    return f"{len(story.individuals)} x 201", None


async def create_staff(story: Story) -> tuple[Any, Any]:
    async def create(person: data.Staff) -> None:
        email = f"{person.mailbox}.{story.run}@harbor.example"
        attributes = {
            "username": email,
            "email": email,
            "first-name": person.first_name,
            "last-name": person.last_name,
            "password": PASSWORD % story.run,
        }
        user = await story.operator.expect(201, "POST", "/v1/users/", document("users", attributes))
        story.staff[person.mailbox] = user.id
        path = f"/v1/organizations/{story.organization_id}/add-user/"
        member = {"user-id": user.id} | ({"role-id": ADMIN_ROLE} if person.role == "org.admin" else {})
        await story.operator.expect(201, "POST", path, document("organizations", member))

    people = data.staff()
    await abreast([lambda person=person: create(person) for person in people], at_once=2)
    return f"{len(people)} x 201", None


async def create_code(story: Story) -> tuple[Any, Any]:
    attributes = {
        "id": f"harbor-{story.run}",
        "organization-id": story.organization_id,
        "individual-group-id": story.groups["Healthy Start"],
    }
    body = document("organization-codes", attributes)
    answer = await story.operator.expect(201, "POST", "/v1/organization-codes/", body)
    story.code = answer.id
    return answer.status, None


async def set_leaders(story: Story) -> tuple[Any, Any]:
    changes = 0
    for person in data.staff():
        kind = "leaders" if person.position == "leader" else "members"
        path = f"/v1/individual-groups/{story.groups[person.group]}/add-{kind}/"
        await story.operator.expect(201, "POST", path, {"user-ids": [story.staff[person.mailbox]]})
        changes += 1
    return f"{changes} x 201", None
