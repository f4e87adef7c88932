"""Taking up an invitation: one person does, once, and belongs to the organization from then on."""

from typing import Any
from uuid import UUID

from contracts.identity import OnboardingRequestClaimed, UserConfirmed
from kernel import now, uuid7
from messaging import publish
from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.codes.commands import wrong_code
from identity.onboarding_requests import queries
from identity.onboarding_requests.inviting import addresses, change
from identity.onboarding_requests.models import OnboardingInvite, OnboardingRequest
from identity.parts import Parts
from identity.user_activities.commands import note_sign_up
from identity.users.models import User, UserOrganization

ADMIN, MEMBER = "org.admin", "org.member"

CLAIM = text("""
    UPDATE onboarding_requests
       SET status = 'claimed', claimed_by = :user_id, claimed_at = clock_timestamp(),
           patient_id = CASE WHEN onboard_type = 'patient' THEN coalesce(patient_id, :individual_id) END
     WHERE id = :id AND status IN ('created', 'invited', 'registering', 'failed') AND expires_at > clock_timestamp()
    RETURNING id
""")


async def claim(session: AsyncSession, request_id: UUID, user: User) -> OnboardingRequest:
    """Make the invitation this user's. Raises WrongCode where it was taken up, canceled or has expired."""
    organization = select(OnboardingRequest.organization_id).where(OnboardingRequest.id == request_id)
    known = select(UserOrganization.individual_id).where(
        UserOrganization.user_id == user.id, UserOrganization.organization_id == organization.scalar_subquery()
    )
    values = {"id": request_id, "user_id": user.id, "individual_id": await session.scalar(known) or uuid7()}
    if (await session.execute(CLAIM, values)).first() is None:
        raise wrong_code()
    return await session.get_one(OnboardingRequest, request_id, populate_existing=True)


async def registering(session: AsyncSession, request_id: UUID) -> None:
    """Somebody has signed up with the invitation's code; the first time counts."""
    row = await session.get_one(OnboardingRequest, request_id, with_for_update=True, populate_existing=True)
    row.registering_at = row.registering_at or now()
    if row.status in {"created", "invited", "failed"}:
        await change(session, row, "registering")


async def join(session: AsyncSession, user: User, row: OnboardingRequest) -> None:
    """Belong to the organization; orgs hears of it, registers or links the individual and fills the groups."""
    patient = row.onboard_type == "patient"
    role = None if patient else ADMIN if ADMIN in row.provider_roles else MEMBER
    individual_id = row.patient_id if patient else None
    if patient and user.primary_individual_id is None:
        user.primary_individual_id = individual_id
    user.default_organization_id = user.default_organization_id or row.organization_id
    if row.communication_preferences and not user.communication_preferences:
        user.communication_preferences = row.communication_preferences
    await _belong(session, user.id, row.organization_id, role, individual_id)
    record(
        session,
        None,
        "onboarding-claimed",
        user.id,
        actor=str(user.id),
        organization_id=row.organization_id,
        target=f"onboarding-requests:{row.id}",
    )
    await session.flush()  # what the event says is there before it
    claimed = OnboardingRequestClaimed(
        onboarding_request_id=row.id,
        organization_id=row.organization_id,
        user_id=user.id,
        account_type="patient" if patient else "provider",
        roles=() if patient else tuple(row.provider_roles) or (MEMBER,),
        individual_id=individual_id,
        group_ids=tuple(row.group_ids),
        invited_by=row.created_by,
    )
    await publish(session, claimed)


async def confirm_made(session: AsyncSession, parts: Parts, username_key: str, code: str, tz: str | None) -> User:
    """Confirm, by the invitation's code, the login that was made with it. Raises WrongCode."""
    row = await queries.by_code(session, parts.vault, code)
    user = await session.get(User, row.user_id, with_for_update=True) if row and row.user_id else None
    if row is None or user is None or user.state != "registered" or user.username_key != username_key:
        raise wrong_code()
    row = await claim(session, row.id, user)
    user.tz = tz or user.tz
    await confirmed_by_invitation(session, user, row, proven=await shown_by_code(session, row))
    return user


async def confirmed_by_invitation(
    session: AsyncSession, user: User, row: OnboardingRequest, *, proven: str | None
) -> None:
    """The login that was made with the invitation counts from now on; `proven` is the address that was shown."""
    await verify(session, user, proven)
    user.state, user.confirmed_at = "confirmed", now()
    note_sign_up(session, user.id)
    await session.flush()
    await publish(session, UserConfirmed(user_id=user.id, account_type=row.onboard_type))  # pyright: ignore[reportArgumentType]
    await join(session, user, row)


async def verify(session: AsyncSession, user: User, address: str | None) -> None:
    """Take an address of the user's for shown, unless another person has shown that the e-mail address is theirs."""
    if address is None:
        return
    if address == user.phone:
        user.phone_verified = True
    taken = select(User.id).where(User.email_key == user.email_key, User.email_verified, User.id != user.id)
    if address == user.email and (await session.scalar(taken.limit(1))) is None:
        user.email_verified = True


async def shown_by_code(session: AsyncSession, row: OnboardingRequest) -> str | None:
    """The only address that the code went to; None where it went to several, because it could have come from either."""
    statement = select(OnboardingInvite.address).where(
        OnboardingInvite.request_id == row.id, OnboardingInvite.address.in_(addresses(row).values())
    )
    found = list(await session.scalars(statement.distinct()))
    return found[0] if len(found) == 1 else None


async def _belong(
    session: AsyncSession, user_id: UUID, organization_id: UUID, role: str | None, individual_id: UUID | None
) -> None:
    """Write the membership. Who is staff stays staff; an individual that is known stays known."""
    values: dict[str, Any] = {"account_type": "provider" if role else "patient", "role": role}
    statement = insert(UserOrganization).values(
        user_id=user_id, organization_id=organization_id, individual_id=individual_id, **values
    )
    kept: dict[str, Any] = {} if role is None else values
    kept = kept | {"individual_id": func.coalesce(UserOrganization.individual_id, individual_id)}
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "organization_id"], set_=kept))
