"""The login that is made at once for an invited person."""

from chassis.runtime import Runtime
from contracts.identity import UserCreated
from kernel import Conflict, Invalid, uuid7
from messaging import publish
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.onboarding_requests.models import OnboardingRequest
from identity.onboarding_requests.schemas import NewOnboarding
from identity.parts import parts_of
from identity.passwords import policy
from identity.usernames import checked_username, comparable
from identity.users.models import User

AT = "/data/attributes"


async def hashed(runtime: Runtime, asked: NewOnboarding, username: str) -> str:
    """The hash of the first password. Raises Invalid."""
    if asked.password is None:
        raise Invalid("A login needs a password.", pointer=f"{AT}/password", code="required")
    parts = parts_of(runtime)
    await policy.check(asked.password, parts.settings.minimum_password_strength, f"{AT}/password", username)
    return await parts.hasher.hashed(asked.password)


def username_of(asked: NewOnboarding) -> str:
    """The login's name: the given one, else the address. Raises Invalid."""
    name = asked.username or asked.patient_email or asked.phone_number or ""
    return checked_username(name, f"{AT}/username")


async def make(session: AsyncSession, row: OnboardingRequest, username: str, password_hash: str) -> User:
    """A login that waits for its confirmation. Raises Conflict where the username or the address is another's."""
    user = User(
        id=uuid7(),
        username=username,
        username_key=comparable(username),
        email=row.email,
        email_key=row.email_key,
        phone=row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
        password_hash=password_hash,
        state="registered",
        account_type=row.onboard_type,
        communication_preferences=row.communication_preferences,
    )
    await check_free(session, user)
    session.add(user)
    await session.flush()  # the user is there before the event is
    created = UserCreated(
        user_id=user.id,
        account_type=row.onboard_type,  # pyright: ignore[reportArgumentType]
        classification=user.classification,
    )
    await publish(session, created)
    return user


async def check_free(session: AsyncSession, user: User) -> None:
    """Raise Conflict where another person has the username, or has shown that the e-mail address is theirs."""
    taken = or_(User.username_key == user.username_key, (User.email_key == user.email_key) & User.email_verified)
    found = (await session.scalars(select(User.username_key).where(taken, User.id != user.id))).first()
    if found is not None:
        name = "username" if found == user.username_key else "patient-email"
        raise Conflict("Somebody has this already.", pointer=f"{AT}/{name}", code="taken")


async def move(session: AsyncSession, user: User, row: OnboardingRequest) -> None:
    """Let the waiting login follow a new address of its invitation; a username that was the old address follows."""
    old = {comparable(address) for address in (user.email, user.phone) if address}
    if user.username_key in old:
        user.username = row.email or row.phone or user.username
        user.username_key = comparable(user.username)
    user.email, user.email_key, user.phone = row.email, row.email_key, row.phone
    user.email_verified = user.phone_verified = False
    await check_free(session, user)
