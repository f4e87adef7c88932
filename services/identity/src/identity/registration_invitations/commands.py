"""One person invites another by e-mail, and sees whether they came."""

from datetime import timedelta
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import page_of
from kernel import Forbidden, NotFound, Page, Slice, now, uuid7
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.message_contents.commands import send
from identity.message_contents.content import Content
from identity.parts import parts_of
from identity.referrals import codes
from identity.registration_invitations.models import RegistrationInvitation
from identity.registration_invitations.schemas import InvitationAttributes
from identity.throttling.budgets import INVITE_STRANGER, MESSAGE_ACCOUNT
from identity.throttling.commands import demand
from identity.usernames import checked_email, comparable
from identity.users.models import User
from identity.zones import DEFAULT_LOCALE

LIVES = timedelta(days=30)
CLAIM = text("""
    UPDATE registration_invitations SET claimed_by = :user_id, claimed_at = clock_timestamp()
     WHERE claimed_at IS NULL AND expires_at > clock_timestamp() AND (id = :id OR email_key = :email_key)
""")
SWEEP = text(
    "DELETE FROM registration_invitations WHERE claimed_at IS NULL AND expires_at < now() - interval '365 days'"
)


async def create(
    runtime: Runtime, session: AsyncSession, principal: Principal, invited_email: str
) -> RegistrationInvitation:
    """Invite somebody; whether they have a login already is not told. Raises Invalid, TooManyRequests."""
    email = checked_email(invited_email, "/data/attributes/invited-email")
    inviter = await _person(session, principal)
    key, parts, code = comparable(email), parts_of(runtime), codes.new_code()
    await demand(runtime, (INVITE_STRANGER, principal.subject), (MESSAGE_ACCOUNT, key))
    row = RegistrationInvitation(
        id=uuid7(),
        created_by=inviter.id,
        email=email,
        email_key=key,
        mark=codes.mark(parts.vault, code),
        expires_at=now() + LIVES,
    )
    session.add(row)
    names = " ".join(name for name in (inviter.first_name, inviter.last_name) if name)
    content = Content(
        recipient=email,
        locale=inviter.locale or DEFAULT_LOCALE,
        variables={"code": code, "inviter": names or inviter.username},
    )
    await send(session, parts, "registration-invitation", "email", content)
    record(session, principal, "registration-invited", None, target=f"registration-invitations:{row.id}")
    await session.flush()
    return row


async def list_(session: AsyncSession, principal: Principal, page: Page) -> Slice[RegistrationInvitation]:
    """A page of one's own invitations, the newest first."""
    own = select(RegistrationInvitation).where(RegistrationInvitation.created_by == principal.user_id)
    return await page_of(session, own.order_by(RegistrationInvitation.id.desc()), page)


async def read(session: AsyncSession, principal: Principal, invitation_id: UUID) -> RegistrationInvitation:
    """One's own invitation. Raises NotFound."""
    row = await session.get(RegistrationInvitation, invitation_id)
    if row is None or row.created_by != principal.user_id:
        raise NotFound
    return row


async def claim(session: AsyncSession, user: User, invitation_id: UUID | None) -> None:
    """A person has registered: every invitation of their verified address has done its work, and the one they used."""
    email_key = user.email_key if user.email_verified else None
    await session.execute(CLAIM, {"user_id": user.id, "id": invitation_id, "email_key": email_key})


def attributes(row: RegistrationInvitation) -> InvitationAttributes:
    """An invitation as its document shows it."""
    return InvitationAttributes(
        invited_email=row.email,
        created_by=row.created_by,
        created_time=row.created_at,
        claimed_time=row.claimed_at,
        expiration_time=row.expires_at,
    )


async def _person(session: AsyncSession, principal: Principal) -> User:
    user = await session.get(User, principal.user_id) if principal.user_id else None
    if user is None:
        raise Forbidden("Only people invite people.")
    return user
