"""Where a sign-up leads: into an organization by its code or its invitation, or nowhere yet."""

from typing import Any

import msgspec
from chassis.runtime import Runtime
from kernel import DomainError, Invalid, Problems

from identity.parts import parts_of
from identity.referrals import queries as referrals
from identity.referrals.queries import Referral
from identity.sign_up import codes_of_organizations
from identity.sign_up.schemas import SignUp
from identity.throttling.budgets import ONBOARDING_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import looks_like_email


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """What a code says; `referral` where it was an invitation's. With `auto_confirm` no address need be shown."""

    organization_code: str | None = None
    auto_confirm: bool = False
    enrollment_schema: dict[str, Any] | None = None
    referral: Referral


async def place_of(runtime: Runtime, request: AnyRequest, asked: SignUp) -> Place:
    """What the sign-up's code says. Raises Problems or Invalid, TooManyRequests, Unavailable."""
    _check(asked)
    if asked.organization_code is not None:
        code = await codes_of_organizations.find(runtime, asked.organization_code)
        organization = code.organization
        referral = Referral(organization_id=organization.id, organization_name=organization.display_name)
        return Place(
            organization_code=asked.organization_code.strip(),
            auto_confirm=code.auto_confirm,
            enrollment_schema=code.enrollment_schema,
            referral=referral,
        )
    await demand(runtime, (ONBOARDING_ADDRESS, address_prefix(request)))
    async with runtime.reads() as session:
        return Place(referral=await referrals.find(session, parts_of(runtime), asked.referral_code or ""))


def completed(asked: SignUp, referral: Referral) -> SignUp:
    """The sign-up with what the invitation knows and the person did not type."""
    typed = looks_like_email(asked.username)
    return msgspec.structs.replace(
        asked,
        email=asked.email or (None if typed else referral.email),
        contact_phone_mobile=asked.contact_phone_mobile or referral.phone,
        first_name=asked.first_name or referral.first_name,
        last_name=asked.last_name or referral.last_name,
    )


def _check(asked: SignUp) -> None:
    """One code, and with an organization's code the names: an invitation may know them."""
    if asked.organization_code is not None and asked.referral_code is not None:
        raise Invalid("Give one code.", pointer="/referral-code")
    if asked.referral_code is not None:
        return
    missing: list[DomainError] = [
        Invalid("The member is required.", pointer=f"/{name.replace('_', '-')}", code="required")
        for name in ("organization_code", "first_name", "last_name")
        if getattr(asked, name) is None
    ]
    if missing:
        raise Problems(missing)
