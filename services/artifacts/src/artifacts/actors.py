"""Who acts in an organization's applications, and what they may."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import Forbidden
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.profiles.models import Profile
from artifacts.roles import STAFF, WRITERS, Role


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The caller in one organization. `subject` is the token's: a user's id, or an API key.

    There may be no profile: an API key, the operator, or one not made yet.
    """

    organization_id: UUID
    role: Role
    subject: str = ""
    user_id: UUID | None = None
    session_id: UUID | None = None
    profile: Profile | None = None

    @property
    def name(self) -> str | None:
        """What the caller is called."""
        return self.profile.name if self.profile else None

    @property
    def profile_id(self) -> UUID | None:
        """The caller's profile."""
        return self.profile.id if self.profile else None

    @property
    def is_staff(self) -> bool:
        """Whether the caller may read what is not about themselves."""
        return self.role in STAFF

    @property
    def is_writer(self) -> bool:
        """Whether the caller may change what the organization has."""
        return self.role in WRITERS


async def actor(session: AsyncSession, principal: Principal, organization_id: UUID | None = None) -> Actor:
    """The caller in `organization_id`, or in the organization of the token. Raises Forbidden without one.

    The token's roles count at once, for identity outdates tokens when they change; the profile adds what only this
    service knows: a role that was assigned here, and that somebody is staff without a role of their own.
    """
    chosen = organization_id or principal.organization_id
    if chosen is None:
        raise Forbidden("The token names no organization.", code="organization-required")
    profile = await _profile(session, chosen, principal.user_id)
    own = roles.of_token(principal)
    if profile is not None and profile.is_active and principal.scopes is None:
        own = roles.highest([own, roles.derived(profile.account_type, ())])
        if profile.assigned_role:
            own = roles.highest([own, profile.assigned_role])  # pyright: ignore[reportArgumentType] the column holds roles
    return Actor(
        organization_id=chosen,
        role=own,
        subject=principal.subject,
        user_id=principal.user_id,
        session_id=principal.session_id,
        profile=profile,
    )


async def staff(session: AsyncSession, principal: Principal, organization_id: UUID | None = None) -> Actor:
    """The caller, who must be staff. Raises Forbidden."""
    found = await actor(session, principal, organization_id)
    if not found.is_staff:
        raise Forbidden("Only staff of the organization may do this.")
    return found


async def _profile(session: AsyncSession, organization_id: UUID, user_id: UUID | None) -> Profile | None:
    if user_id is None:
        return None
    statement = select(Profile).where(
        Profile.organization_id == organization_id, Profile.user_id == user_id, Profile.removed_at.is_(None)
    )
    return (await session.scalars(statement)).one_or_none()
