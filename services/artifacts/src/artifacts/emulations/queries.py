"""Whom a session acts as."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.emulations import rules
from artifacts.emulations.models import Emulation
from artifacts.profiles.models import Profile
from artifacts.roles import Role, as_role


class Link(msgspec.Struct, frozen=True):
    """A grant and the profile that it leads to."""

    grant: Emulation
    target: Profile


async def standing(session: AsyncSession, organization_id: UUID, session_id: UUID, *, lock: bool = False) -> list[Link]:
    """A session's grants in an organization that nobody has ended, the outermost first; some may count no more."""
    statement = (
        select(Emulation, Profile)
        .join(Profile, Profile.id == Emulation.target_profile_id)
        .where(
            Emulation.session_id == session_id,
            Emulation.organization_id == organization_id,
            Emulation.ended_at.is_(None),
        )
        .order_by(Emulation.depth)
    )
    if lock:
        statement = statement.with_for_update(of=Emulation)
    rows = await session.execute(statement.execution_options(populate_existing=True))
    return [Link(grant, target) for grant, target in rows]


def counting(links: Iterable[Link], role: Role, departments: Iterable[UUID], at: datetime) -> list[Link]:
    """The links that count at a time, from the outermost inwards.

    The first that has expired, is missing, or whose target its holder may not act as any more ends them: what lies
    within it counts for nothing.
    """
    found: list[Link] = []
    for depth, link in enumerate(links, 1):
        if link.grant.depth != depth or link.grant.expires_at <= at:
            break
        if rules.refusal(role, set(departments), link.target) is not None:
            break
        found.append(link)
        role, departments = as_role(link.target.role), link.target.department_ids
    return found
