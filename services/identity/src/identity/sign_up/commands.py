"""Signing up.

The request only checks what was typed and keeps it: whether the username is free is found out by a worker, so neither
the answer nor its time can tell.
"""

import msgspec
from chassis.runtime import Runtime
from kernel import Invalid, uuid7
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.parts import parts_of
from identity.passwords import policy
from identity.sign_up import enrollment
from identity.sign_up.models import SignUpRequest
from identity.sign_up.places import Place, completed, place_of
from identity.sign_up.schemas import AccountType, Details, SignUp
from identity.throttling.budgets import MESSAGE_ACCOUNT, MESSAGE_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import (
    checked_email,
    checked_name,
    checked_phone,
    checked_username,
    comparable,
    looks_like_email,
)
from identity.vault import Vault
from identity.zones import checked_zone

SWEEP = text("DELETE FROM sign_up_requests WHERE confirmed_at IS NULL AND created_at < now() - interval '1 day'")


async def sign_up(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: SignUp) -> AccountType:
    """Keep a sign-up for the worker, and say what the person will be.

    Raises Invalid or Problems, TooManyRequests, Unavailable.
    """
    parts = parts_of(runtime)
    await demand(runtime, (MESSAGE_ADDRESS, address_prefix(request)))
    place = await place_of(runtime, request, asked)
    referral, asked = place.referral, completed(asked, place.referral)
    username, email, phone = _names(asked)
    if asked.tz is not None:
        checked_zone(asked.tz, "/tz")
    key = comparable(username)
    await demand(runtime, (MESSAGE_ACCOUNT, key))
    enrollment.check(asked.enrollment_data, place.enrollment_schema)
    minimum = parts.settings.minimum_password_strength
    await policy.check(asked.password, minimum, "/password", username, asked.first_name, asked.last_name)
    password_hash = await parts.hasher.hashed(asked.password)
    identifier = uuid7()
    details = _details(asked, place, username, email, phone, password_hash)
    kept = SignUpRequest(
        id=identifier,
        username_key=key,
        email_key=comparable(email) if email else None,
        channel=asked.source,
        details=parts.vault.seal(msgspec.json.encode(details), f"sign-up:{identifier}"),
        organization_code=place.organization_code,
        organization_id=referral.organization_id,
        onboarding_request_id=referral.onboarding_request_id,
        registration_invitation_id=referral.registration_invitation_id,
    )
    session.add(kept)
    return referral.account_type


def details_of(vault: Vault, row: SignUpRequest) -> Details:
    """What was typed."""
    return msgspec.json.decode(vault.open_sealed(row.details, f"sign-up:{row.id}"), type=Details)


def _names(asked: SignUp) -> tuple[str, str | None, str | None]:
    """Username, e-mail address and phone number as they are kept. Raises Invalid."""
    phone = checked_phone(asked.contact_phone_mobile, "/contact-phone-mobile") if asked.contact_phone_mobile else None
    email = checked_email(asked.email, "/email") if asked.email else None
    username = checked_username(asked.username, "/username")
    for name in ("first_name", "last_name", "preferred_name"):
        if (typed := getattr(asked, name)) is not None:
            checked_name(typed, f"/{name.replace('_', '-')}")
    if looks_like_email(username):
        email = email or checked_email(username, "/username")
        if comparable(email) != comparable(username):
            raise Invalid("A username that is an e-mail address is the person's own.", pointer="/email")
    if asked.set_username is not None:
        chosen = email if asked.set_username == "email" else phone
        if chosen is None:
            raise Invalid("There is nothing to make a username of.", pointer="/set-username")
        username = chosen
    if asked.source == "email" and email is None:
        raise Invalid("The code needs an e-mail address to go to.", pointer="/email", code="required")
    if asked.source == "sms" and phone is None:
        raise Invalid("The code needs a phone number to go to.", pointer="/contact-phone-mobile", code="required")
    return username, email, phone


def _details(
    asked: SignUp, place: Place, username: str, email: str | None, phone: str | None, password_hash: str
) -> Details:
    return Details(
        username=username,
        password_hash=password_hash,
        first_name=asked.first_name,
        last_name=asked.last_name,
        preferred_name=asked.preferred_name,
        email=email,
        phone=phone,
        birth_date=asked.birth_date,
        gender=asked.gender,
        locale=asked.locale,
        tz=asked.tz,
        notifications=list(asked.notifications),
        enrollment_data=asked.enrollment_data,
        organization_name=place.referral.organization_name,
        account_type=place.referral.account_type,
        agreements=asked.service_document_agreements,
        auto_confirm=asked.auto_confirm and place.auto_confirm,
    )
