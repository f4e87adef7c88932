"""Individuals, read from orgs in this service's own name."""

from typing import Literal
from uuid import UUID

import msgspec
from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import Unavailable


class Individual(msgspec.Struct, rename="kebab", frozen=True):
    """Whose an individual is, and whose login it has."""

    owner_id: UUID
    owner_type: Literal["organization", "user"]
    user_id: UUID | None = None
    email: str | None = None

    @property
    def organization_id(self) -> UUID | None:
        """The organization that owns it."""
        return self.owner_id if self.owner_type == "organization" else None


async def fetch(runtime: Runtime, individual_id: UUID) -> Individual:
    """An individual. Raises NotFound, or Unavailable when orgs cannot be asked."""
    answer = await get_as_service(runtime, f"{runtime.common.orgs_url}/v1/individuals/{individual_id}/")
    try:
        return msgspec.convert(answer["data"]["attributes"], Individual)
    except (KeyError, TypeError, msgspec.ValidationError) as error:
        raise Unavailable("Whose the individual is cannot be told now.") from error
