"""Turning what a client says of profiles, by id or by value, into values; all problems of all items at once.

A name or address that is not there is made. Departments are only found: they come from orgs.
"""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.cohorts import flags
from artifacts.departments.choosing import choose
from artifacts.matching import among
from artifacts.outcomes import Problem
from artifacts.profiles import limits, rules
from artifacts.roles import Role
from artifacts.texts.commands import PROFILE_EMAIL, PROFILE_NAME
from artifacts.texts.models import Text

FIRST_ROLE: Role = "guest"


class Wanted(msgspec.Struct, kw_only=True):
    """A profile as a client describes it. None says nothing: what is there stays; an empty list empties."""

    id: UUID | None = None
    name: str | None = None
    name_id: UUID | None = None
    emails: list[str] | None = None
    email_ids: list[UUID] | None = None
    request_limit: int | None = None
    request_limit_id: UUID | None = None
    flag_id: UUID | None = None
    department_ids: list[UUID] | None = None
    departments: list[str] | None = None
    role_ids: list[UUID] | None = None
    role: Role | None = None


class Resolved(msgspec.Struct, kw_only=True):
    """A profile in values, None where nothing was said, or what is wrong with it. `limit` counts where `limits`."""

    wanted: Wanted
    problems: list[Problem] = msgspec.field(default_factory=list[Problem])
    name: str | None = None
    emails: list[str] | None = None
    limits: bool = False
    limit: int | None = None
    is_in_use: bool | None = None
    department_ids: list[UUID] | None = None
    role: Role | None = None

    def refuse(self, field: str, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(field, message))


async def resolve(session: AsyncSession, actor: Actor, wanted: Sequence[Wanted]) -> list[Resolved]:
    """Each item in values. Two statements at most, however many there are."""
    texts = await _texts(session, actor.organization_id, wanted)
    chosen = await choose(session, actor.organization_id, wanted)
    items: list[Resolved] = []
    for one, (departments, problems) in zip(wanted, chosen, strict=True):
        item = Resolved(wanted=one, problems=list(problems), department_ids=departments)
        _name(item, texts)
        _emails(item, texts)
        _limit(item)
        _flag(item)
        _role(item, actor)
        items.append(item)
    return items


async def _texts(session: AsyncSession, organization_id: UUID, wanted: Sequence[Wanted]) -> dict[tuple[str, UUID], str]:
    ids = {identifier for one in wanted for identifier in (one.name_id, *(one.email_ids or ())) if identifier}
    if not ids:
        return {}
    statement = select(Text.kind, Text.id, Text.value).where(
        Text.organization_id == organization_id, among(Text.id, ids), among(Text.kind, [PROFILE_NAME, PROFILE_EMAIL])
    )
    return {(kind, identifier): value for kind, identifier, value in await session.execute(statement)}


def _name(item: Resolved, texts: dict[tuple[str, UUID], str]) -> None:
    one = item.wanted
    if one.name_id is not None:
        item.name = texts.get((PROFILE_NAME, one.name_id))
        if item.name is None:
            item.refuse("name_id", f"There is no name {one.name_id}.")
    elif one.name is not None:
        item.name = one.name.strip()


def _emails(item: Resolved, texts: dict[tuple[str, UUID], str]) -> None:
    one = item.wanted
    if one.email_ids is None and one.emails is None:
        return
    chosen: dict[str, None] = {}
    for identifier in one.email_ids or ():
        found = texts.get((PROFILE_EMAIL, identifier))
        if found is None:
            item.refuse("email_ids", f"There is no address {identifier}.")
        else:
            chosen[found] = None
    item.emails = [*chosen, *(email for email in one.emails or () if email and email not in chosen)]


def _limit(item: Resolved) -> None:
    one = item.wanted
    if one.request_limit_id is not None:
        if limits.is_limit(one.request_limit_id):
            item.limits, item.limit = True, limits.limit_of(one.request_limit_id)
        else:
            item.refuse("request_limit_id", f"There is no limit {one.request_limit_id}.")
    elif one.request_limit is not None:
        item.limits, item.limit = True, one.request_limit


def _flag(item: Resolved) -> None:
    one = item.wanted
    if one.flag_id is None:
        return
    if one.flag_id in flags.BY_ID:
        item.is_in_use = flags.BY_ID[one.flag_id].value
    else:
        item.refuse("flag_id", f"There is no flag {one.flag_id}.")


def _role(item: Resolved, actor: Actor) -> None:
    one = item.wanted
    item.role = one.role
    if one.role_ids:
        known: list[Role] = [roles.OF_ID[identifier] for identifier in one.role_ids if identifier in roles.OF_ID]
        if len(known) < len(one.role_ids):
            item.refuse("role_ids", "There is no such role.")
        if len(set(known)) > 1:
            item.refuse("role_ids", "A profile has one role.")
        item.role = known[0] if known else None
    if item.role is not None and roles.rank(item.role) > roles.rank(actor.role):
        item.refuse("role_ids" if one.role_ids else "role", rules.ROLE_ABOVE)
