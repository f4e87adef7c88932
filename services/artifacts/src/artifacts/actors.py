"""Who acts in an organization's applications, and what they may."""

from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import Forbidden, now
from sqlalchemy import and_, bindparam, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.emulations.models import Emulation
from artifacts.emulations.queries import Link, counting, standing
from artifacts.organizations.models import Organization
from artifacts.profiles import limits
from artifacts.profiles.models import Profile
from artifacts.roles import STAFF, WRITERS, Role


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is. `subject` is a user's id, or an API key."""

    subject: str = ""
    user_id: UUID | None = None
    profile_id: UUID | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """The caller in one organization: themselves, or the profile that they act as.

    `subject` and `user_id` are those of whom they act as; `signed_in` is always who holds the token. There may be no
    profile: an API key, the operator, or one not made yet.
    """

    organization_id: UUID
    role: Role
    subject: str = ""
    user_id: UUID | None = None
    session_id: UUID | None = None
    profile: Profile | None = None
    signed_in: SignedIn = SignedIn()
    links: tuple[Link, ...] = ()

    @property
    def name(self) -> str | None:
        """What the caller is called."""
        return self.profile.name if self.profile else None

    @property
    def profile_id(self) -> UUID | None:
        """The caller's profile."""
        return self.profile.id if self.profile else None

    @property
    def department_ids(self) -> list[UUID]:
        """The caller's departments."""
        return self.profile.department_ids if self.profile else []

    @property
    def emulated(self) -> tuple[UUID, ...]:
        """The profiles that the caller acts as, the innermost last."""
        return tuple(link.target.id for link in self.links)

    @property
    def is_staff(self) -> bool:
        """Whether the caller may read what is not about themselves."""
        return self.role in STAFF

    @property
    def is_writer(self) -> bool:
        """Whether the caller may change what the organization has."""
        return self.role in WRITERS


async def actor(session: AsyncSession, principal: Principal, organization_id: UUID | None = None) -> Actor:
    """The caller in `organization_id`, or in the organization of the token, as whom they act there.

    The token's roles count at once, for identity outdates tokens when they change; the profile adds what only this
    service knows: a role that was assigned here, and that somebody is staff without a role of their own. The request
    counts for the profile of who signed in. Raises Forbidden without an organization, TooManyRequests.
    """
    chosen = organization_id or principal.organization_id
    if chosen is None:
        raise Forbidden("The token names no organization.", code="organization-required")
    profile, timezone, acts = await _own(session, chosen, principal)
    if profile is not None and profile.requests_per_day is not None:
        await limits.count(session, profile.id, profile.requests_per_day, timezone)
    own = Actor(
        organization_id=chosen,
        role=_role(principal, profile),
        subject=principal.subject,
        user_id=principal.user_id,
        session_id=principal.session_id,
        profile=profile,
        signed_in=SignedIn(
            subject=principal.subject, user_id=principal.user_id, profile_id=profile.id if profile else None
        ),
    )
    if not acts or principal.session_id is None:
        return own
    return within(own, await standing(session, chosen, principal.session_id))


async def staff(session: AsyncSession, principal: Principal, organization_id: UUID | None = None) -> Actor:
    """The caller, who must be staff. Raises Forbidden."""
    found = await actor(session, principal, organization_id)
    if not found.is_staff:
        raise Forbidden("Only staff of the organization may do this.")
    return found


def within(own: Actor, links: list[Link]) -> Actor:
    """Who somebody is by the grants of their session that count."""
    found = counting(links, own.role, own.department_ids, now())
    if not found:
        return own
    target = found[-1].target
    return msgspec.structs.replace(
        own,
        role=roles.as_role(target.role),
        subject=str(target.user_id or target.id),
        user_id=target.user_id,
        profile=target,
        links=tuple(found),
    )


def _role(principal: Principal, profile: Profile | None) -> Role:
    own = roles.of_token(principal)
    if profile is not None and not profile.is_in_use:
        return "guest"
    if profile is not None and profile.is_active:
        own = roles.highest([own, roles.derived(profile.account_type, ())])
        if profile.assigned_role:
            own = roles.highest([own, roles.as_role(profile.assigned_role)])
    return roles.narrowed(own, principal)


_IS_MINE = and_(
    Profile.organization_id == bindparam("organization_id"),
    Profile.user_id == bindparam("user_id"),
    Profile.removed_at.is_(None),
)
_ZONE = select(Organization.timezone).where(Organization.id == bindparam("organization_id")).scalar_subquery()
_GRANTS = select(Emulation.id).where(
    Emulation.session_id == bindparam("session_id"),
    Emulation.organization_id == bindparam("organization_id"),
    Emulation.ended_at.is_(None),
)
_OWN = select(Profile, func.coalesce(Profile.timezone, _ZONE), _GRANTS.exists()).select_from(
    select(literal(1).label("one")).subquery().outerjoin(Profile, _IS_MINE)
)
"""Written once: every request sends it."""


async def _own(
    session: AsyncSession, organization_id: UUID, principal: Principal
) -> tuple[Profile | None, str | None, bool]:
    """The profile of who signed in, its time zone, and whether the session holds grants, by one statement."""
    if principal.user_id is None:
        return None, None, False
    may_act = principal.scopes is None and principal.impersonator is None
    values = {
        "organization_id": organization_id,
        "user_id": principal.user_id,
        "session_id": principal.session_id if may_act else None,
    }
    row = (await session.execute(_OWN, values)).one()
    return row[0], row[1], bool(row[2])
