"""An organization that writes its own messages."""

from typing import Any
from uuid import uuid4

PATHS = {"email": "/v1/organization-email-templates/", "sms": "/v1/organization-sms-templates/"}


class Author:
    """An administrator, and what they do with templates."""

    def __init__(self, client: Any, neighbours: Any) -> None:
        self.user, self.organization = uuid4(), uuid4()
        neighbours.admins.add(f"{self.user} organization:{self.organization}:write")
        self.client = client.as_(user_id=self.user, organization_id=self.organization, roles=("org.admin",))

    def body(self, channel: str = "email", **attributes: Any) -> dict[str, Any]:
        """What makes a template."""
        given: dict[str, Any] = {"organization-id": str(self.organization), "locale": "en_US"}
        if channel == "email":
            given |= {"type": "verify-email", "format": "html", "subject": "Hello {{ first_name }}"}
        else:
            given |= {"type": "verify"}
        given |= {"template": "<p>{{ code }}</p>" if channel == "email" else "{{ code }}"}
        named = {name.replace("_", "-"): value for name, value in attributes.items()}
        return {"data": {"type": PATHS[channel].split("/")[2], "attributes": given | named}}

    async def write(self, channel: str = "email", **attributes: Any) -> dict[str, Any]:
        """A template that was saved."""
        answer = await self.client.post(PATHS[channel], json=self.body(channel, **attributes))
        assert answer.status_code == 201, answer.text
        return answer.json()["data"]


def change(made: dict[str, Any], /, **attributes: Any) -> dict[str, Any]:
    """A PATCH of a template."""
    named = {name.replace("_", "-"): value for name, value in attributes.items()}
    return {"data": {"type": made["type"], "id": made["id"], "attributes": named}}
