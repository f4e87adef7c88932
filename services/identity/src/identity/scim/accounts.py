"""What a directory's word does to logins.

A login that the directory made is its to change: username, e-mail address, password, names. Of others, such as people
who came by an invitation, it may change names while they belong to no other organization, and nothing that signs them
in; nor of its own once they are of the operator's staff, or an administrator could sign in as one. Deactivating ends a
login that belongs nowhere else, with all its sessions; who belongs elsewhere only leaves this organization. So a login
that belongs elsewhere, too, and is disabled was disabled by somebody else, and stays so.
"""

from typing import Any
from uuid import UUID

import msgspec
from contracts.identity import MemberProvisioned, MemberRemoved, TokensOutdated, UserDisabled, UserEnabled
from messaging import publish
from sqlalchemy import delete, exists, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.login.external import STAFF
from identity.parts import Parts
from identity.passwords import policy
from identity.scim.models import ScimUser
from identity.scim.protocol import Problem
from identity.usernames import EMAIL, checked_name, checked_username, comparable
from identity.users.credentials import write_password
from identity.users.models import User, UserOrganization, UserRole
from identity.users.standing import outdating
from identity.zones import checked_locale, checked_zone

MEMBER = "org.member"
SOURCE = "scim"
DISABLED = {"confirmed": "disabled", "force_reset_password": "disabled"}

TRUSTED = text("""
    SELECT EXISTS (SELECT FROM identity_provider_domains d JOIN identity_providers p ON p.id = d.provider_id
                    WHERE p.organization_id = :organization_id AND d.domain = :domain AND d.verified_at IS NOT NULL)
""")


ROLES = text("""
    SELECT g.role FROM scim_group_members m JOIN scim_groups g ON g.id = m.group_id
     WHERE m.user_id = :user_id AND g.organization_id = :organization_id ORDER BY 1
""")


class Told(msgspec.Struct, frozen=True):
    """What a resource says that a login holds."""

    username: str
    given_name: str | None
    family_name: str | None
    email: str | None
    locale: str | None
    tz: str | None
    active: bool


def told(resource: Any) -> Told:
    """The login's share of a user resource. Raises Problem."""
    name = resource.name
    try:
        username = checked_username(resource.user_name or "", "userName")
        names = [checked_name(part, "name") if part else None for part in _names(name)]
    except Exception as error:
        raise Problem(str(error)) from error
    return Told(
        username=username,
        given_name=names[0],
        family_name=names[1],
        email=_email(resource.emails or []),
        locale=_known(checked_locale, (resource.locale or resource.preferred_language or "").replace("-", "_")),
        tz=_known(checked_zone, resource.timezone or ""),
        active=resource.active is not False,
    )


async def hashed(parts: Parts, resource: Any) -> str | None:
    """The hash of the password that came along, if one did. Computed before a connection is held. Raises Problem."""
    if not resource.password:
        return None
    name = resource.name
    minimum = parts.settings.minimum_password_strength
    await policy.check(resource.password, minimum, "password", resource.user_name, *(_names(name)))
    return await parts.hasher.hashed(resource.password)


async def alone_in(session: AsyncSession, user_id: UUID, organization_id: UUID) -> bool:
    """Whether a login belongs to no other organization and has no role of the system."""
    elsewhere = exists().where(UserOrganization.user_id == user_id, UserOrganization.organization_id != organization_id)
    system = exists().where(UserRole.user_id == user_id, UserRole.organization_id.is_(None))
    return not await session.scalar(select(elsewhere | system))


async def owned(session: AsyncSession, row: ScimUser) -> bool:
    """Whether what signs a login in is the directory's: it made it, and nobody has let it into the operator's staff."""
    return row.managed and not await session.scalar(STAFF, {"user_id": row.user_id})


async def holder(session: AsyncSession, username: str) -> User | None:
    """Whose username, or verified e-mail address, this is; locked."""
    key = comparable(username)
    statement = select(User).where((User.username_key == key) | ((User.email_key == key) & User.email_verified))
    return (await session.scalars(statement.order_by(User.username_key == key).with_for_update())).first()


async def write(session: AsyncSession, row: ScimUser, user: User, before: Told | None, after: Told) -> None:
    """Write what the directory may write. Raises Problem for what it may not, or where a name is taken."""
    mine = await owned(session, row)
    if mine:
        await _write_names_to_sign_in(session, row, user, before, after)
    elif comparable(after.username) != user.username_key:
        raise Problem("This login was not the directory's; its userName stays.", code="mutability")
    if mine or await alone_in(session, user.id, row.organization_id):
        user.first_name, user.last_name = after.given_name, after.family_name
        user.locale, user.tz = after.locale or user.locale, after.tz or user.tz


async def trusted(session: AsyncSession, organization_id: UUID, email: str | None) -> bool:
    """Whether the organization has shown that an address's domain is its own."""
    domain = comparable(email or "").rpartition("@")[2]
    return bool(domain and await session.scalar(TRUSTED, {"organization_id": organization_id, "domain": domain}))


async def set_password(session: AsyncSession, parts: Parts, row: ScimUser, user: User, password_hash: str) -> None:
    """Set the password that came along; every session ends. Raises Problem for a login that is not the directory's."""
    if not await owned(session, row):
        raise Problem("This login was not the directory's; its password stays.", code="mutability")
    state = user.state
    await write_password(session, parts, user, password_hash)
    user.state = state


async def deactivate(session: AsyncSession, row: ScimUser, user: User) -> None:
    """Let the person act for the organization no more: sessions end, or what they say of it does."""
    row.active = False
    if await alone_in(session, user.id, row.organization_id):
        await _disable(session, user)
    else:
        await leave(session, row)


async def activate(session: AsyncSession, row: ScimUser, user: User) -> None:
    """Let the person act for the organization again."""
    row.active = True
    if user.state == "disabled" and await alone_in(session, user.id, row.organization_id):
        user.state, user.state_before = user.state_before or "confirmed", None
        await session.flush()
        await publish(session, UserEnabled(user_id=user.id))
    await join(session, user.id, row.organization_id)


async def join(session: AsyncSession, user_id: UUID, organization_id: UUID) -> None:
    """Make a user staff of the organization, with the roles of their groups: here at once, in orgs when it hears."""
    place: dict[str, Any] = {"user_id": user_id, "organization_id": organization_id}
    kept = {"account_type": "provider", "role": MEMBER}
    statement = insert(UserOrganization).values(**place, **kept)
    await session.execute(statement.on_conflict_do_nothing())
    roles = tuple(await session.scalars(ROLES, place))
    await publish(session, MemberProvisioned(**place, source=SOURCE, roles=roles))


async def leave(session: AsyncSession, row: ScimUser) -> None:
    """Take a user out of the organization: here at once, in orgs and authz when they hear of it."""
    async with outdating(session, row.user_id):
        for table in (UserOrganization, UserRole):
            await session.execute(
                delete(table).where(table.user_id == row.user_id, table.organization_id == row.organization_id)
            )
    await publish(session, MemberRemoved(user_id=row.user_id, organization_id=row.organization_id, source=SOURCE))


async def _disable(session: AsyncSession, user: User) -> None:
    if user.state not in DISABLED:
        return
    moment = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    user.state_before, user.state = user.state, DISABLED[user.state]
    user.sessions_ended_at = user.tokens_outdated_at = moment
    await session.flush()  # the epoch is written before it is announced
    await publish(session, UserDisabled(user_id=user.id, ended_at=moment))
    await publish(session, TokensOutdated(user_id=user.id, issued_before=moment))


async def _write_names_to_sign_in(
    session: AsyncSession, row: ScimUser, user: User, before: Told | None, after: Told
) -> None:
    if comparable(after.username) != user.username_key:
        other = await holder(session, after.username)
        if other is not None and other.id != user.id:
            raise taken()
    user.username, user.username_key = after.username, comparable(after.username)
    same = before is not None and before.email == after.email
    if same and (user.email_verified or after.email is None):
        return  # one that is not verified is looked at again: its domain may have been shown meanwhile
    verified = await trusted(session, row.organization_id, after.email)
    key = comparable(after.email) if after.email else None
    if verified and await session.scalar(
        select(exists().where(User.email_key == key, User.email_verified, User.id != user.id))
    ):
        if same:
            return
        raise taken()
    user.email, user.email_key, user.email_verified = after.email, key, verified


def taken() -> Problem:
    """The one answer for a name that is in use, wherever that is."""
    return Problem("The userName or e-mail address is in use.", status=409, code="uniqueness")


def _names(name: Any) -> tuple[str | None, str | None]:
    return (name.given_name, name.family_name) if name else (None, None)


def _email(emails: list[Any]) -> str | None:
    """The primary address, else the first one of work, else the first one that can be one."""
    ranked = sorted(emails, key=lambda one: (not one.primary, str(one.type or "") != "work"))
    addresses = [str(one.value).strip() for one in ranked if one.value]
    return next((one for one in addresses if EMAIL.match(comparable(one))), None)


def _known(check: Any, value: str) -> str | None:
    """A locale or zone that the platform knows; directories send others, which are kept as they are told."""
    try:
        return check(value, "") if value else None
    except Exception:  # noqa: BLE001 whatever is wrong with it, it is none of ours
        return None
