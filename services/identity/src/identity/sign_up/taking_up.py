"""The worker's half of a sign-up: a free username gets a code, the owner of a taken one is told."""

from typing import Any
from uuid import UUID

import msgspec
from contracts.identity import UserCreated
from kernel import uuid7
from messaging import publish
from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.codes.commands import issue
from identity.confirm_sign_up.completing import complete
from identity.message_contents.commands import send
from identity.message_contents.content import Channel, Content
from identity.onboarding_requests.claiming import registering, shown_by_code
from identity.onboarding_requests.models import OnboardingRequest
from identity.onboarding_requests.queries import is_open
from identity.parts import Parts
from identity.sign_up.commands import details_of
from identity.sign_up.models import SignUpRequest
from identity.sign_up.schemas import Details
from identity.usernames import comparable
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE


async def take_up(session: AsyncSession, parts: Parts, row: SignUpRequest) -> None:
    """Send a code for this sign-up, or tell the owner of the username."""
    details = details_of(parts.vault, row)
    user = await _holder(session, row)
    if user is None:
        user = await _registered(session, details, row)
    if user is not None and row.onboarding_request_id is not None and user.state == "confirmed":
        await _let_join(session, parts, user, details, row)
        return
    if user is None or user.state != "registered" or user.username_key != row.username_key:
        await _tell_owner(session, parts, user, row)
        return
    row.user_id = user.id
    if row.onboarding_request_id is not None and await _confirmed_at_once(session, parts, user, details, row):
        return
    if details.auto_confirm:
        await complete(session, parts, user, row, None, proven=None)
        return
    await _send_code(session, parts, user.id, details, row)


async def _let_join(session: AsyncSession, parts: Parts, user: User, details: Details, row: SignUpRequest) -> None:
    """Somebody with a login uses an invitation: the code goes to the address that they have shown, not the typed one.

    What was typed otherwise, the password above all, has no effect.
    """
    shown = {"email": user.email if user.email_verified else None, "sms": user.phone if user.phone_verified else None}
    way = row.channel if shown[row.channel] else next((name for name, address in shown.items() if address), None)
    if way is None:
        return
    row.user_id, row.channel = user.id, way
    own = {"email": shown["email"], "phone": shown["sms"], "first_name": user.first_name, "locale": user.locale}
    await _send_code(session, parts, user.id, msgspec.structs.replace(details, **own), row)


async def _confirmed_at_once(
    session: AsyncSession, parts: Parts, user: User, details: Details, row: SignUpRequest
) -> bool:
    """Note that the invitation is being taken up; where it asks for no confirmation, it is claimed now."""
    invitation = await session.get_one(OnboardingRequest, row.onboarding_request_id)
    if not is_open(invitation):
        return True
    await registering(session, invitation.id)
    if not invitation.auto_confirm:
        return False
    typed = {details.email, details.phone}
    proven = await shown_by_code(session, invitation)
    await complete(session, parts, user, row, None, proven=proven if proven in typed else None)
    return True


async def _holder(session: AsyncSession, row: SignUpRequest) -> User | None:
    """Who has the username, or has shown that the e-mail address is theirs."""
    known = [User.username_key == row.username_key]
    if row.email_key:
        known.append((User.email_key == row.email_key) & User.email_verified)
    statement = select(User).where(or_(*known)).order_by(User.email_verified.desc()).limit(1).with_for_update()
    return (await session.scalars(statement)).first()


async def _registered(session: AsyncSession, details: Details, row: SignUpRequest) -> User | None:
    """A new login that waits for its confirmation; None when another sign-up got there first."""
    values = {
        "id": uuid7(),
        "username": details.username,
        "username_key": row.username_key,
        "email": details.email,
        "email_key": row.email_key,
        "phone": details.phone,
        "first_name": details.first_name,
        "last_name": details.last_name,
        "state": "registered",
        "account_type": details.account_type,
    }
    added = insert(User).values(**values).on_conflict_do_nothing(index_elements=["username_key"]).returning(User)
    user = (await session.scalars(added)).first()
    if user is None:
        return await _holder(session, row)
    created = UserCreated(user_id=user.id, account_type=details.account_type, classification=user.classification)
    await publish(session, created)
    return user


async def _send_code(session: AsyncSession, parts: Parts, user_id: UUID, details: Details, row: SignUpRequest) -> None:
    code, expires_at = await issue(session, parts, "sign-up", row.username_key, row.id, row.channel)
    recipient = details.phone if row.channel == "sms" else details.email
    content = Content(
        recipient=recipient or "",
        locale=details.locale or DEFAULT_LOCALE,
        variables={"code": code, "first_name": details.first_name or "", "organization": details.organization_name},
    )
    where: dict[str, Any] = {"user_id": user_id, "organization_id": row.organization_id, "expires_at": expires_at}
    await send(session, parts, "sign-up-code", _channel(row), content, **where)


async def _tell_owner(session: AsyncSession, parts: Parts, owner: User | None, row: SignUpRequest) -> None:
    """Tell the owner at the owner's own address, by the way that was asked for."""
    recipient = None
    if owner is not None and owner.state in {"confirmed", "force_reset_password"}:
        recipient = owner.phone if row.channel == "sms" and owner.phone_verified else owner.email
    if owner is None or not recipient:
        return
    channel: Channel = "email" if comparable(recipient) == owner.email_key else "sms"
    content = Content(
        recipient=recipient,
        locale=owner.locale or DEFAULT_LOCALE,
        variables={"first_name": owner.first_name or "", "username": owner.username},
    )
    await send(session, parts, "sign-up-existing", channel, content, user_id=owner.id)


def _channel(row: SignUpRequest) -> Channel:
    return "sms" if row.channel == "sms" else "email"
