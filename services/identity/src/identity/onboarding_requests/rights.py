"""Who may invite whom: administrators of the organization, and leaders into the groups that they may change.

What identity knows of administrators comes from events; orgs has the rows themselves and is asked for everything else.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from chassis.clients import SLOW_DEADLINE, allowed, call
from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Conflict, DomainError, Forbidden, Invalid, NotFound, Problems, Unauthorized, Unavailable
from sqlalchemy.ext.asyncio import AsyncSession

from identity.users.visibility import admin_of

AT = "/data/attributes"


class Patient(msgspec.Struct, rename="kebab", frozen=True):
    """An individual, as far as an invitation needs it."""

    owner_id: UUID
    user_id: UUID | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None


class Standing(msgspec.Struct, frozen=True):
    """A caller in an organization: an administrator, or staff who may be a leader of groups."""

    admin: bool


async def standing(
    runtime: Runtime, session: AsyncSession, principal: Principal, organization_id: UUID, **where: Any
) -> Standing:
    """The caller's standing. Raises NotFound for strangers, Forbidden for participants; `where` names the source."""
    if principal.user_id is None:
        raise Forbidden("Only people invite people.")
    if await admin_of(session, principal.user_id, organization_id):
        return Standing(admin=True)
    query = urlencode({"organization-id": organization_id, "user-id": principal.user_id})
    answer = await _ask(runtime, principal, f"/v1/user-organizations/?{query}")
    rows = [row["attributes"] for row in answer["data"]] if answer else []
    if not rows:
        raise NotFound("There is no such organization.", **where)
    if rows[0]["account-type"] != "provider":
        raise Forbidden("Only staff may do this.", **where)
    return Standing(admin="org.admin" in rows[0]["roles"])


async def check_groups(
    runtime: Runtime, principal: Principal, organization_id: UUID, groups: list[UUID], kind: str, *, admin: bool
) -> None:
    """Raise Problems naming each group that is not the organization's, not the caller's to change, or not for `kind`.

    Raises Forbidden for staff who are no administrators and name no group.
    """
    if not groups:
        if not admin:
            raise Forbidden("Leaders invite into groups of theirs.", pointer=f"{AT}/individual-group-ids")
        return
    asked = [("ids", str(group)) for group in groups] + [("page[limit]", str(len(groups)))]
    answer = await _ask(runtime, principal, f"/v1/individual-groups/?{urlencode(asked)}")
    found = {row["id"]: row["attributes"] for row in answer["data"]} if answer else {}
    problems = [
        problem
        for index, group in enumerate(groups)
        if (problem := _problem(found.get(str(group)), organization_id, kind, f"{AT}/individual-group-ids/{index}"))
    ]
    if problems:
        raise Problems(problems)


async def patient(
    runtime: Runtime, principal: Principal, organization_id: UUID, individual_id: UUID, *, admin: bool
) -> Patient:
    """The individual whom the invitation is for. Raises NotFound, Forbidden, or Conflict where they have a login."""
    pointer = f"{AT}/patient"
    answer = await _ask(runtime, principal, f"/v1/individuals/{individual_id}/")
    found = msgspec.convert(answer["data"]["attributes"], Patient) if answer else None
    if found is None or found.owner_id != organization_id:
        raise NotFound("There is no such individual.", pointer=pointer)
    if not admin and not await allowed(runtime, principal, f"individual:{individual_id}:write"):
        raise Forbidden("You may not do this to the individual.", pointer=pointer)
    if found.user_id is not None:
        raise Conflict("This individual has a login.", pointer=pointer, code="has-login")
    return found


def _problem(group: dict[str, Any] | None, organization_id: UUID, kind: str, pointer: str) -> DomainError | None:
    if group is None or group["organization-id"] != str(organization_id):
        return NotFound("There is no such group.", pointer=pointer)
    if not group["self-can-write"]:
        return Forbidden("You may not do this to the group.", pointer=pointer)
    if group["type"] == "provider_only" and kind == "patient":
        return Invalid("The group is for staff only.", pointer=pointer, code="provider-only")
    return None


async def _ask(runtime: Runtime, principal: Principal, path: str) -> Any:
    """What orgs answers the caller; None where there is nothing for them. Raises Unauthorized or Unavailable."""
    url = f"{runtime.common.orgs_url}{path}"
    status, answer, _ = await call(runtime, "GET", url, token=principal.token, deadline=SLOW_DEADLINE)
    if status == 200:  # noqa: PLR2004
        return answer
    if status in {403, 404}:
        return None
    if status == 401:  # noqa: PLR2004
        raise Unauthorized("The session has ended.", code="session-ended")
    raise Unavailable("What the organization looks like cannot be told now.")
