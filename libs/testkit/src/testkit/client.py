"""A client of an application in this process, which can speak as anybody."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import httpx
from litestar import Litestar

from testkit.principals import access_token, service_token

BASE_URL = "http://muster.test"


class Client(httpx.AsyncClient):
    """httpx over ASGI; `as_…` gives another client of the same application with a credential."""

    def __init__(self, app: Litestar, headers: dict[str, str] | None = None) -> None:
        """Without `headers` the client has no credential."""
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url=BASE_URL, headers=headers)
        self.app = app

    def as_(
        self,
        *,
        user_id: UUID | None = None,
        organization_id: UUID | None = None,
        roles: Iterable[str] = (),
        **claims: Any,
    ) -> "Client":
        """The client of a signed-in person."""
        return self.with_token(access_token(user_id=user_id, organization_id=organization_id, roles=roles, **claims))

    def as_operator(self, user_id: UUID | None = None) -> "Client":
        """The client of the platform's operator."""
        return self.as_(user_id=user_id, roles=("system.admin",))

    def as_service(self, name: str) -> "Client":
        """The client of another service."""
        return self.with_token(service_token(name))

    def with_token(self, token: str) -> "Client":
        """The client of whoever bears `token`."""
        return Client(self.app, {"authorization": f"Bearer {token}"})
