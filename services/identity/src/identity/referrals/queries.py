"""What a referral code stands for: an organization's invitation, or one person's of another."""

from typing import Literal
from uuid import UUID

import msgspec
from kernel import Invalid, now
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests import queries as onboardings
from identity.organizations.models import Organization
from identity.parts import Parts
from identity.referrals import codes
from identity.registration_invitations.models import RegistrationInvitation

POINTER = "/referral-code"


class Referral(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a code invites, where to, and what is known of them."""

    account_type: Literal["provider", "patient"] = "patient"
    onboarding_request_id: UUID | None = None
    registration_invitation_id: UUID | None = None
    organization_id: UUID | None = None
    organization_name: str = ""
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None


async def find(session: AsyncSession, parts: Parts, typed: str) -> Referral:
    """What an open invitation's code stands for. Raises Invalid, alike for every code that does not count."""
    found = await _onboarding(session, parts, typed) or await _registration(session, parts, typed)
    if found is None:
        raise Invalid("There is no such referral code.", pointer=POINTER, code="unknown-referral-code")
    return found


async def _onboarding(session: AsyncSession, parts: Parts, typed: str) -> Referral | None:
    row = await onboardings.by_code(session, parts.vault, typed)
    if row is None or row.user_id is not None or not onboardings.is_open(row):
        return None
    organization = await session.get(Organization, row.organization_id)
    return Referral(
        account_type="provider" if row.onboard_type == "provider" else "patient",
        onboarding_request_id=row.id,
        organization_id=row.organization_id,
        organization_name=organization.display_name if organization else "",
        email=row.email,
        phone=row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
    )


async def _registration(session: AsyncSession, parts: Parts, typed: str) -> Referral | None:
    code = codes.normalised(typed)
    statement = select(RegistrationInvitation).where(
        RegistrationInvitation.mark == codes.mark(parts.vault, code or ""),
        RegistrationInvitation.claimed_at.is_(None),
        RegistrationInvitation.expires_at > now(),
    )
    row = (await session.scalars(statement)).first()
    return Referral(registration_invitation_id=row.id, email=row.email) if row else None
