"""What an invitation tells.

Its code proves that the invitation came to whoever asks, so they are told. An address proves nothing: that a hospital
has invited it is the person's own secret, so strangers get one answer for every address. The person themselves, once
they are signed in with that address, is told.
"""

from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Invalid, NotFound, uuid7
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_info.schemas import Asked, InfoAttributes, Inviter, Progress
from identity.onboarding_requests.models import OnboardingRequest
from identity.onboarding_requests.queries import by_code
from identity.organizations.models import Organization
from identity.parts import parts_of
from identity.throttling.budgets import ONBOARDING_ADDRESS
from identity.throttling.callers import AnyRequest, address_prefix
from identity.throttling.commands import demand
from identity.usernames import checked_email, checked_phone, comparable
from identity.users.models import User

AT = "/data/attributes"
NOTHING_SAID = InfoAttributes(Progress("created", done=False), Inviter(None, None))


async def info(
    runtime: Runtime, session: AsyncSession, request: AnyRequest, principal: Principal | None, asked: Asked
) -> tuple[UUID, InfoAttributes]:
    """What may be told. Raises NotFound for an unknown code, Invalid, TooManyRequests."""
    given = [value for value in (asked.code, asked.email, asked.phone_number) if value is not None]
    if len(given) != 1:
        raise Invalid("Give a code, an e-mail address or a phone number.", pointer=AT)
    await demand(runtime, (ONBOARDING_ADDRESS, address_prefix(request)))
    if asked.code is not None:
        row = await by_code(session, parts_of(runtime).vault, asked.code)
        if row is None:
            raise NotFound("There is no such code.", pointer=f"{AT}/code")
        return row.id, await _told(session, row)
    row = await _own(session, principal, asked)
    return (row.id, await _told(session, row)) if row else (uuid7(), NOTHING_SAID)


async def _own(session: AsyncSession, principal: Principal | None, asked: Asked) -> OnboardingRequest | None:
    """The newest invitation of an address that the signed-in person has shown to be theirs."""
    user_id = principal.user_id if principal else None
    email = comparable(checked_email(asked.email, f"{AT}/email")) if asked.email else None
    phone = checked_phone(asked.phone_number, f"{AT}/phone-number") if asked.phone_number else None
    theirs, address = (
        ((User.email_key == email) & User.email_verified, OnboardingRequest.email_key == email)
        if email
        else ((User.phone == phone) & User.phone_verified, OnboardingRequest.phone == phone)
    )
    person = select(User.id).where(User.id == user_id, theirs).exists()
    statement = select(OnboardingRequest).where(address, person).order_by(OnboardingRequest.id.desc()).limit(1)
    return (await session.scalars(statement)).first()


async def _told(session: AsyncSession, row: OnboardingRequest) -> InfoAttributes:
    organization = await session.get(Organization, row.organization_id)
    progress = Progress(row.status, done=row.status in {"claimed", "canceled"})  # pyright: ignore[reportArgumentType]
    return InfoAttributes(progress, Inviter(row.organization_id, organization.display_name if organization else None))
