"""Users as their documents show them, with what the read models say of organizations and roles."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from contracts.permissions import ROLE_IDS
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests.models import OnboardingRequest
from identity.organizations.models import Organization
from identity.sign_up.models import SignUpRequest
from identity.users import additional, invitations
from identity.users.models import User, UserOrganization, UserRole
from identity.users.queries import INACTIVE
from identity.users.schemas import (
    AdditionalIndividual,
    OnboardingReference,
    OrganizationName,
    Sharing,
    SignUpReference,
    UserAttributes,
    UserRoleAttributes,
)
from identity.zones import DEFAULT_LOCALE, DEFAULT_ZONE

DISPLAY_NAMES = {
    "org.admin": "Administrator",
    "org.member": "Member",
    "system.admin": "Operator",
    "system.support": "Support",
}


class Surroundings(msgspec.Struct):
    """What belongs to some users, by user and by organization."""

    memberships: dict[UUID, list[UserOrganization]]
    roles: dict[UUID, list[UserRole]]
    organizations: dict[UUID, Organization]
    invitations: dict[UUID, list[OnboardingRequest]]
    additional: dict[UUID, list[AdditionalIndividual]]


async def surroundings(session: AsyncSession, users: Sequence[User], runtime: Runtime | None = None) -> Surroundings:
    """Read what belongs to these users: five statements, however many they are; `runtime` is for asking orgs."""
    ids = [user.id for user in users]
    memberships: dict[UUID, list[UserOrganization]] = defaultdict(list)
    order = (UserOrganization.created_at, UserOrganization.organization_id)
    for row in await session.scalars(
        select(UserOrganization).where(UserOrganization.user_id.in_(ids)).order_by(*order)
    ):
        memberships[row.user_id].append(row)
    roles: dict[UUID, list[UserRole]] = defaultdict(list)
    for role in await session.scalars(select(UserRole).where(UserRole.user_id.in_(ids)).order_by(UserRole.name)):
        roles[role.user_id].append(role)
    known = {row.organization_id for rows in memberships.values() for row in rows}
    found = await session.scalars(select(Organization).where(Organization.id.in_(known)))
    names = {row.id: row for row in found}
    invited, cared = await invitations.of(session, ids), await additional.of(session, runtime, ids)
    return Surroundings(memberships, roles, names, invited, cared)


def attributes(user: User, around: Surroundings, organization_id: UUID | None, *, with_roles: bool) -> UserAttributes:
    """A user's attributes, seen from `organization_id` or from the user's default organization."""
    members = around.memberships.get(user.id, [])
    ids = [row.organization_id for row in members]
    at = next((id_ for id_ in (organization_id, user.default_organization_id) if id_ in ids), ids[0] if ids else None)
    roles = _roles(user.id, around)
    invited = around.invitations.get(user.id, [])
    newest = invited[-1] if invited else None
    return UserAttributes(
        username=user.username,
        email=user.email,
        email_verified=user.email_verified,
        phone=user.phone,
        phone_type="mobile" if user.phone else "",
        phone_verified=user.phone_verified,
        first_name=user.first_name,
        last_name=user.last_name,
        preferred_name=user.preferred_name,
        birth_date=user.birth_date,
        gender=user.gender,
        account_type=user.account_type,
        classification=user.classification,
        state=user.state,
        status=user.state,
        enabled=user.state not in INACTIVE,
        registered=user.state != "init",
        registration_completed_time=user.confirmed_at,
        registration_invite=invitations.state(newest.status if newest else None),
        auto_confirm=newest is not None and newest.auto_confirm,
        auto_sign_up=newest is not None and newest.auto_sign_up,
        locale=user.locale or DEFAULT_LOCALE,
        locale_explicit=user.locale is not None,
        tz=user.tz or DEFAULT_ZONE,
        tz_explicit=user.tz is not None,
        communication_preferences=user.communication_preferences or {},
        primary_individual_id=user.primary_individual_id,
        additional_individuals=around.additional.get(user.id, []),
        shared_with=[_sharing(id_, around) for id_ in ids],
        organization_id=at,
        default_organization_id=user.default_organization_id,
        organization_ids=ids,
        organization_count=len(ids),
        organization_admin=any(role.name == "org.admin" and role.organization_id == at for role in roles),
        organization_logo_url=None,
        organizations=[_organization(id_, around) for id_ in ids],
        roles=roles if with_roles else [],
        last_login_time=user.last_login_at,
        date_created=user.created_at,
        date_last_modified=user.updated_at,
        last_modified_time=user.updated_at,
    )


async def one(
    session: AsyncSession,
    user: User,
    organization_id: UUID | None = None,
    *,
    runtime: Runtime | None = None,
    roles: bool = True,
    sign_ups: bool = False,
) -> UserAttributes:
    """The attributes of one user, with the enrollment data and on demand the sign-ups by which they came."""
    around = await surroundings(session, [user], runtime)
    shown = attributes(user, around, organization_id, with_roles=roles)
    shown.enrollment_data = user.enrollment_data
    shown.onboarding_requests = [OnboardingReference(row.id) for row in around.invitations.get(user.id, [])]
    shown.org_code_signup_requests = await _sign_ups(session, user.id) if sign_ups else []
    return shown


async def _sign_ups(session: AsyncSession, user_id: UUID) -> list[SignUpReference]:
    statement = select(SignUpRequest.id, SignUpRequest.organization_code).where(
        SignUpRequest.user_id == user_id, SignUpRequest.confirmed_at.is_not(None)
    )
    return [SignUpReference(*row) for row in await session.execute(statement.order_by(SignUpRequest.id))]


def _roles(user_id: UUID, around: Surroundings) -> list[UserRoleAttributes]:
    """Roles from authz and those that came with a membership, each once, as far as the user belongs there."""
    members = around.memberships.get(user_id, [])
    ids = {row.organization_id for row in members}
    found: dict[tuple[UUID | None, str], UUID | None] = {
        (row.organization_id, row.role): None for row in members if row.role
    }
    for role in around.roles.get(user_id, []):
        if role.organization_id is None or role.organization_id in ids:
            found[role.organization_id, role.name] = role.role_id
    return [_role(name, where, role_id, around) for (where, name), role_id in found.items()]


def _role(name: str, where: UUID | None, role_id: UUID | None, around: Surroundings) -> UserRoleAttributes:
    organization: Any = around.organizations.get(where) if where else None
    return UserRoleAttributes(
        id=role_id or ROLE_IDS.get(name),
        name=name,
        display_name=DISPLAY_NAMES.get(name, name),
        organization_id=where,
        organization_name=organization.name if organization else None,
        organization_display_name=organization.display_name if organization else None,
    )


def _organization(identifier: UUID, around: Surroundings) -> OrganizationName:
    known = around.organizations.get(identifier)
    return OrganizationName(identifier, known.name if known else None, known.display_name if known else None)


def _sharing(identifier: UUID, around: Surroundings) -> Sharing:
    known = around.organizations.get(identifier)
    name, display_name = (known.name, known.display_name) if known else (None, None)
    return Sharing(identifier, "organization", name, display_name, None)
