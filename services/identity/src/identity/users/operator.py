"""The operator's account, made at the first start."""

from chassis.runtime import Runtime
from contracts.permissions import ROLE_IDS
from kernel import now, uuid7
from sqlalchemy import select, text

from identity.parts import parts_of
from identity.usernames import checked_email, comparable
from identity.users.commands import add
from identity.users.models import User, UserRole

LOCK = text("SELECT pg_advisory_xact_lock(7263012)")
ROLE = "system.admin"


async def ensure_operator(runtime: Runtime) -> None:
    """Make the account that the settings name, unless there is one. A later change of the settings changes nothing."""
    parts = parts_of(runtime)
    settings = parts.settings
    if not settings.admin_email or not settings.admin_password:
        return
    email = checked_email(settings.admin_email, "MUSTER_ADMIN_EMAIL")
    async with runtime.sessions.begin() as session:
        await session.execute(LOCK)
        known = await session.scalar(select(User.id).where(User.username_key == comparable(email)))
        if known is not None:
            return
        user = User(
            id=uuid7(),
            username=email,
            username_key=comparable(email),
            email=email,
            email_key=comparable(email),
            email_verified=True,
            first_name="Platform",
            last_name="Operator",
            password_hash=await parts.hasher.hashed(settings.admin_password),
            state="confirmed",
            account_type="provider",
            classification="carium",
            confirmed_at=now(),
        )
        await add(session, user, operator=True)
        session.add(UserRole(user_id=user.id, organization_id=None, name=ROLE, role_id=ROLE_IDS[ROLE]))
