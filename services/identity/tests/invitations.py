"""What tests of invitations have in common."""

from typing import Any
from uuid import UUID, uuid4

import httpx
from contracts.orgs import OrganizationCreated
from identity_world import Json, World, email, kebab, new
from testkit.client import Client

PATH = "/v1/onboarding-requests/"


class Clinic:
    """An organization with an administrator who invites people."""

    def __init__(self, world: World, organization_id: UUID, admin_id: UUID) -> None:
        self.world = world
        self.id = organization_id
        self.admin_id = admin_id
        self.admin: Client = world.client.as_(user_id=admin_id)

    async def ask(self, client: Client | None = None, **fields: Any) -> httpx.Response:
        """An invitation as it is asked for."""
        body: Json = {"organization": str(self.id), "patient-email": email()} | kebab(fields)
        body = {name: value for name, value in body.items() if value is not None}
        return await (client or self.admin).post(PATH, json=new("onboarding-requests", body))

    async def invite(self, client: Client | None = None, **fields: Any) -> Json:
        """An invitation that was made."""
        answer = await self.ask(client, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]

    async def read(self, invitation: Json) -> Json:
        answer = await self.admin.get(f"{PATH}{invitation['id']}/")
        assert answer.status_code == 200, answer.text
        return answer.json()["data"]["attributes"]

    async def change(self, invitation: Json, **fields: Any) -> httpx.Response:
        body = new("onboarding-requests", kebab(fields))
        body["data"]["id"] = invitation["id"]
        return await self.admin.patch(f"{PATH}{invitation['id']}/", json=body)

    async def code(self, kind: str = "onboarding") -> str:
        """The code of the newest invitation."""
        return (await self.world.message(kind))["variables"]["code"]

    async def sign_up(self, username: str, code: str, **fields: Any) -> httpx.Response:
        """Somebody signs up with an invitation's code."""
        return await self.world.sign_up(username, organization_code=None, referral_code=code, **fields)


async def clinic(world: World) -> Clinic:
    """An organization that identity knows."""
    organization = uuid4()
    names = {"number": 1, "name": "care", "display_name": "Care & Co"}
    await world.hear(OrganizationCreated(organization_id=organization, **names))
    return Clinic(world, organization, await world.staff(organization, role="org.admin"))
