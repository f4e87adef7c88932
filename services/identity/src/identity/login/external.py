"""Letting in who another system vouches for: an identity provider of an organization.

Somebody is known by the provider and the subject that it gives them, never by an e-mail address alone. An address links
to a login that there is only where both sides have shown it: the login's owner that it is theirs, the organization that
the whole domain is its own. The operator's staff come through no organization's provider.
"""

from typing import NamedTuple
from uuid import UUID

import msgspec
from contracts.identity import MemberProvisioned
from kernel import Forbidden, now, uuid7
from messaging import publish
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record
from identity.external_sign_ins.models import ExternalIdentity
from identity.identity_providers import mapping, names, queries
from identity.identity_providers.mapping import Claimed, Given
from identity.identity_providers.models import IdentityProvider
from identity.sessions.proofs import ONE_FACTOR, TWO_FACTORS, Proof
from identity.usernames import EMAIL, comparable
from identity.users.commands import add
from identity.users.models import User, UserOrganization
from identity.zones import LOCALE

ADMIN, MEMBER = "org.admin", "org.member"
SOURCE = "identity-provider"
FACTOR = "mfa"
LONGEST_FACTOR = 20
NOTHING = Given((), ())

ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 7263014))")
STAFF = text("""
    SELECT u.classification = 'carium' OR EXISTS (
               SELECT FROM user_roles r WHERE r.user_id = u.id AND r.name LIKE 'system.%')
      FROM users u WHERE u.id = :user_id
""")


class Admitted(NamedTuple):
    """Who was let in, and by which identity."""

    user_id: UUID
    identity_id: UUID


async def admit_external(session: AsyncSession, provider: IdentityProvider, claimed: Claimed) -> Admitted:
    """Find, link or make the login of who came through a provider, and let them into its organization.

    The login's row is locked. Raises Forbidden for who has no login here and gets none, or may not sign in this way.
    """
    await session.execute(ALONE, {"name": f"{provider.id} {claimed.subject}"})
    known = select(ExternalIdentity).where(
        ExternalIdentity.provider_id == provider.id, ExternalIdentity.subject == claimed.subject
    )
    identity = (await session.scalars(known.with_for_update())).one_or_none()
    if identity is None:
        identity = await _met(session, provider, claimed)
    user = await session.get_one(User, identity.user_id, with_for_update=True, populate_existing=True)
    if user.state != "confirmed" or await session.scalar(STAFF, {"user_id": user.id}):
        raise refused()
    await _belong(session, provider, identity, claimed)
    identity.last_used_at = now()
    _note(session, provider, "external-sign-in", user.id)
    await session.flush()
    return Admitted(user.id, identity.id)


def _note(session: AsyncSession, provider: IdentityProvider, action: str, user_id: UUID) -> None:
    place = f"identity-providers:{provider.id}"
    record(session, None, action, user_id, actor=str(user_id), organization_id=provider.organization_id, target=place)


def proof_of(provider: IdentityProvider, claimed: Claimed) -> Proof:
    """What the provider's word is worth: one factor, or two where its own second factor is trusted and was shown."""
    if not provider.trusts_second_factor:
        return Proof(ONE_FACTOR, ["fed"], claimed.at)
    factors = [one for one in claimed.factors if one.isascii() and one.isalnum() and len(one) <= LONGEST_FACTOR]
    two = claimed.multiple or FACTOR in factors
    named: list[str] = ["fed", *factors, *([FACTOR] if two else [])]
    return Proof(TWO_FACTORS if two else ONE_FACTOR, list(dict.fromkeys(named)), claimed.at)


def refused() -> Forbidden:
    """The one answer to who may not come in this way."""
    return Forbidden("There is no login for this person here, or it may not be used this way.", code="not-admitted")


async def _met(session: AsyncSession, provider: IdentityProvider, claimed: Claimed) -> ExternalIdentity:
    """The identity of somebody who comes through this provider for the first time."""
    address = _address(claimed)
    vouched = address is not None and await _vouched(session, provider, claimed, address)
    user = await _linkable(session, address) if vouched and address else None
    action = "external-identity-linked"
    if user is None:
        if not provider.just_in_time:
            raise refused()
        user, action = await _made(session, claimed, address, vouched=vouched), "external-identity-created"
    identity = ExternalIdentity(
        id=uuid7(), provider_id=provider.id, subject=claimed.subject, user_id=user.id, roles=[], group_ids=[]
    )
    session.add(identity)
    _note(session, provider, action, user.id)
    await session.flush()
    return identity


def _address(claimed: Claimed) -> str | None:
    """The address as it is kept, if it is one."""
    return claimed.email if claimed.email and EMAIL.match(comparable(claimed.email)) else None


async def _vouched(session: AsyncSession, provider: IdentityProvider, claimed: Claimed, address: str) -> bool:
    """Whether the provider may say whose the address is: it is of a domain that was shown to be its organization's."""
    domain = names.of_address(comparable(address))
    return claimed.email_verified and domain in await queries.verified_domains(session, provider.id)


async def _linkable(session: AsyncSession, address: str) -> User | None:
    """The login whose owner has shown that the address is theirs."""
    statement = select(User).where(User.email_key == comparable(address), User.email_verified)
    user = (await session.scalars(statement.with_for_update())).one_or_none()
    if user is not None and await session.scalar(STAFF, {"user_id": user.id}):
        raise refused()
    return user


async def _made(session: AsyncSession, claimed: Claimed, address: str | None, *, vouched: bool) -> User:
    """A login without a password. An address that the provider may not vouch for is kept as not verified."""
    identifier = uuid7()
    username = await _username(session, identifier, address if vouched else None)
    user = User(
        id=identifier,
        username=username,
        username_key=comparable(username),
        email=address,
        email_key=comparable(address) if address else None,
        email_verified=vouched,
        first_name=claimed.first_name,
        last_name=claimed.last_name,
        locale=_locale(claimed.locale),
        state="confirmed",
        account_type="provider",
        confirmed_at=now(),
    )
    await add(session, user)
    return user


def _locale(text: str | None) -> str | None:
    plain = (text or "").replace("-", "_")
    return plain if LOCALE.match(plain) else None


async def _username(session: AsyncSession, identifier: UUID, address: str | None) -> str:
    """The address where the provider vouches for it and nobody is called so; else a name that nobody can have."""
    if address is not None:
        taken = select(User.id).where(User.username_key == comparable(address))
        if await session.scalar(taken) is None:
            return address
    return f"external-{identifier}"


async def _belong(
    session: AsyncSession, provider: IdentityProvider, identity: ExternalIdentity, claimed: Claimed
) -> None:
    """Make the person staff of the organization with what their groups give; orgs hears of what has changed.

    A participant stays one until a group gives them something.
    """
    given = mapping.given(mapping.rules_of(provider.group_rules), claimed.groups)
    member = await session.get(UserOrganization, (identity.user_id, provider.organization_id))
    is_staff = member is not None and member.account_type == "provider"
    before = Given(tuple(identity.roles), tuple(identity.group_ids))
    if member is None and not provider.just_in_time:
        raise refused()
    stays = is_staff or (member is not None and given == NOTHING)
    if stays and before == given:
        return
    if not is_staff:
        await _join(session, identity.user_id, provider.organization_id, ADMIN if ADMIN in given.roles else MEMBER)
    identity.roles, identity.group_ids = list(given.roles), list(given.group_ids)
    await session.flush()
    await publish(session, _told(provider, identity.user_id, before, given))


def _told(provider: IdentityProvider, user_id: UUID, before: Given, given: Given) -> MemberProvisioned:
    return MemberProvisioned(
        user_id=user_id,
        organization_id=provider.organization_id,
        source=SOURCE,
        roles=given.roles,
        left_roles=tuple(sorted(set(before.roles) - set(given.roles))),
        group_ids=given.group_ids,
        left_group_ids=tuple(sorted(set(before.group_ids) - set(given.group_ids))),
    )


async def _join(session: AsyncSession, user_id: UUID, organization_id: UUID, role: str) -> None:
    """Belong to the organization at once, so that the tokens of this very sign-in say so."""
    values = {"account_type": "provider", "role": role}
    statement = insert(UserOrganization).values(user_id=user_id, organization_id=organization_id, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id", "organization_id"], set_=values))
    user = await session.get_one(User, user_id)
    user.default_organization_id = user.default_organization_id or organization_id


def sealed_proof(raw: dict[str, object] | None) -> Proof:
    """The proof that a way through a provider keeps."""
    return msgspec.convert(raw, Proof, strict=False)
