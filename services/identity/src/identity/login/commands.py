"""Signing in by password.

One path for every outcome: the account is looked up, budgets are charged, one hash is computed (a decoy where there is
nothing to compare with), and only then anything depends on what was found. No database connection is held meanwhile.
Whoever gave the right password gets their units back and may be asked for more: a second factor, agreements.
"""

import asyncio
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import DomainError, Invalid, Unauthorized
from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.audit_events.commands import record_alone
from identity.identity_providers import names
from identity.login import elsewhere, needs
from identity.login.schemas import Login, LoginAnswer
from identity.mfa_totp import proving
from identity.parts import Parts, parts_of
from identity.passkeys import proving as passkeys
from identity.service_documents import agreements
from identity.sessions import commands as sessions
from identity.sessions.commands import SESSION_SECONDS, Terms
from identity.sessions.facts import Facts
from identity.sessions.proofs import PASSWORD, PASSWORD_AND_CODE, Proof
from identity.throttling import budgets
from identity.throttling import commands as throttling
from identity.throttling.callers import AnyRequest, Device, address_prefix, device_of
from identity.tokens import ACCESS_SECONDS
from identity.usernames import comparable
from identity.users.credentials import MAY
from identity.zones import checked_locale

FIND = f"""
    SELECT whole.*, {elsewhere.EXEMPT}
      FROM (
        SELECT known.id, coalesce(known.state, 'none'), known.password_hash, known.default_organization_id,
               known.locale, coalesce(known.totp, false),
               ({elsewhere.PROVIDER.format("$2")}) AS provider_id,
               ({elsewhere.PROVIDER.format("split_part(known.verified, '@', 2)")}) AS own_provider_id
          FROM (SELECT) AS one
          LEFT JOIN (
            SELECT id, state, password_hash, default_organization_id, locale,
                   CASE WHEN email_verified THEN email_key END AS verified,
                   EXISTS (SELECT FROM totp_configurations t WHERE t.user_id = users.id AND t.enabled) AS totp
              FROM users
             WHERE username_key = $1 OR (email_key = $1 AND email_verified)
             ORDER BY username_key = $1 DESC LIMIT 1) AS known ON true) AS whole
"""  # noqa: S608
NEW_HASH = text("UPDATE users SET password_hash = :new WHERE id = :id AND password_hash = :old")
SET_LOCALE = text("UPDATE users SET locale = :locale WHERE id = :id AND locale IS DISTINCT FROM :locale")
DEVICE_TEXT = 200

sign_ins = Counter("muster_identity_sign_ins", "Sign-ins with a password, by what came of them", ["outcome"])


class Account(msgspec.Struct, frozen=True):
    """What is known of a username: nothing but defaults where there is no such user.

    `provider_id` is the identity provider of the domain that was typed, `own_provider_id` that of the user's verified
    address; who is `exempt` may use their password all the same (`login.elsewhere`).
    """

    id: UUID | None = None
    state: str = "none"
    password_hash: str | None = None
    organization_id: UUID | None = None
    locale: str | None = None
    totp: bool = False
    provider_id: UUID | None = None
    own_provider_id: UUID | None = None
    exempt: bool = False


class Outcome(NamedTuple):
    """A sign-in that succeeded: the answer, the device's cookie, and what it had spent and gets back."""

    answer: LoginAnswer
    device: str | None
    spent: list[throttling.Charge]


class Proven(NamedTuple):
    """Somebody who gave the right password, by `password_hash`; `totp` says that a second factor is on."""

    user_id: UUID
    password_hash: str | None
    totp: bool
    device: Device


async def prove_password(runtime: Runtime, request: AnyRequest, username: str, password: str) -> Proven:
    """Whose password it is, for who signs in on a page. Raises as `login` does, alike for every reason."""
    device = device_of(request, parts_of(runtime))
    account, charges = await _admitted(runtime, request, device, username)
    user_id = await _proven(runtime, account, password, username)
    await throttling.refund(runtime, charges)
    if account.state == "force_reset_password":
        raise Unauthorized("The password has to be set anew.", code="password-reset-required")
    return Proven(user_id, await _rehashed(runtime, account, password), account.totp, device)


async def login(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: Login) -> Outcome:
    """Sign in. Raises Unauthorized alike for every reason before the password was right, and TooManyRequests."""
    try:
        outcome = await _login(runtime, session, request, asked)
    except elsewhere.SignsInElsewhere as error:
        sign_ins.labels("redirected").inc()
        return Outcome(LoginAnswer(redirect_url=error.url), None, [])
    except DomainError as error:
        sign_ins.labels(error.code).inc()
        raise
    sign_ins.labels("signed-in").inc()
    return outcome


async def _login(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: Login) -> Outcome:
    parts = parts_of(runtime)
    _check(parts, asked)
    await _wait(asked)
    device = device_of(request, parts)
    account, charges = await _admitted(runtime, request, device, asked.username)
    user_id = await _proven(runtime, account, asked.password, asked.username)
    await throttling.refund(runtime, charges)
    if account.state == "force_reset_password":
        raise Unauthorized("The password has to be set anew.", code="password-reset-required")
    spent = await _charged(runtime, device, user_id, account, asked)
    terms = _terms(asked, request, await _rehashed(runtime, account, asked.password))
    if not await sessions.admit(session, user_id, terms.password_hash):
        raise refusal()
    who, proof = await _shown(session, parts, user_id, account, asked, charged=bool(spent))
    if asked.locale:
        await session.execute(SET_LOCALE, {"id": user_id, "locale": asked.locale})
        who = msgspec.structs.replace(who, locale=asked.locale)
    answer = await sessions.begin(session, parts, who, msgspec.structs.replace(terms, proof=proof))
    return Outcome(msgspec.convert(answer, LoginAnswer, from_attributes=True), device.after(user_id), spent)


def device_text(request: AnyRequest) -> str | None:
    """What the device says that it is."""
    return request.headers.get("user-agent", "")[:DEVICE_TEXT] or None


def refusal() -> Unauthorized:
    """The one answer to every sign-in that fails."""
    return Unauthorized("The username or the password is not right.", code="invalid-credentials")


def _check(parts: Parts, asked: Login) -> None:
    if asked.locale is not None:
        checked_locale(asked.locale, "/locale")
    if asked.simulated_queue_delay and not parts.settings.developer_features:
        raise Invalid("This works only where developers' features are on.", pointer="/simulated-queue-delay")


async def _wait(asked: Login) -> None:
    await asyncio.sleep((asked.simulated_queue_delay or 0) / 1000)


async def _admitted(
    runtime: Runtime, request: AnyRequest, device: Device, username: str
) -> tuple[Account, list[throttling.Charge]]:
    """Find the account and charge the budgets, all before anything is hashed. Raises TooManyRequests."""
    key = comparable(username)
    account = Account(*await runtime.row(FIND, key, names.of_address(key) or ""))
    charges: list[throttling.Charge] = [
        _account_charge(account, device, key),
        (budgets.SIGN_IN_ADDRESS, address_prefix(request)),
        (budgets.SIGN_IN_ORGANIZATION, str(account.organization_id)),
    ]
    await throttling.demand(runtime, *charges)
    return account, charges


async def _proven(runtime: Runtime, account: Account, password: str, username: str) -> UUID:
    """Whose password it is. One hash and, where it fails, one audit event, whatever was found.

    Raises Unauthorized; SignsInElsewhere for everybody of a domain that has an identity provider, but who is exempt
    and gave the right password.
    """
    right = await parts_of(runtime).hasher.matches(account.password_hash, password)
    right = right and account.id is not None and account.state in MAY
    provider_id = account.provider_id or (account.own_provider_id if right else None)
    if provider_id is not None and not (right and account.exempt):
        raise elsewhere.SignsInElsewhere(runtime, provider_id, username)
    if not right or account.id is None:
        await record_alone(runtime, "sign-in-failed", account.id)
        raise refusal()
    return account.id


async def _charged(
    runtime: Runtime, device: Device, user_id: UUID, account: Account, asked: Login
) -> list[throttling.Charge]:
    """A try of the second factor, where there is one and a code or what a passkey signed came along."""
    if not account.totp and asked.passkey is None:
        return []
    if not asked.totp_code and asked.passkey is None:
        raise proving.required()
    return [await proving.charge(runtime, device, user_id)]


async def _shown(
    session: AsyncSession, parts: Parts, user_id: UUID, account: Account, asked: Login, *, charged: bool
) -> tuple[Facts, Proof]:
    """Who it is and how they showed it, once they have shown all that it takes. Raises Unauthorized."""
    needed = await needs.read(session, user_id)
    waiting, proof = needed.documents, PASSWORD
    if asked.passkey is not None:
        proof = (await passkeys.prove(session, parts, user_id, asked.passkey, ("pwd",))).proof
    elif needed.factor is not None:
        await proving.prove(session, parts, user_id, needed.factor, asked.totp_code if charged else None)
        proof = PASSWORD_AND_CODE
    if asked.service_document_agreements:
        await agreements.record(session, user_id, asked.service_document_agreements, "login")
        waiting = await agreements.outstanding(session, user_id)
    await agreements.demand(session, parts, waiting, asked.locale or account.locale)
    return needed.who, proof


def _account_charge(account: Account, device: Device, key: str) -> throttling.Charge:
    if account.id and device.knows(account.id):
        return budgets.SIGN_IN_DEVICE, f"{device.id.hex()} {account.id}"
    return budgets.SIGN_IN_ACCOUNT, key


async def _rehashed(runtime: Runtime, account: Account, password: str) -> str | None:
    """The hash that is kept now: a new one where the parameters have risen."""
    hasher, old = parts_of(runtime).hasher, account.password_hash
    if old is None or not hasher.outdated(old):
        return old
    new = await hasher.hashed(password)
    async with runtime.sessions.begin() as session:
        kept: Any = await session.execute(NEW_HASH, {"id": account.id, "old": old, "new": new})
    return new if kept.rowcount else old


def _terms(asked: Login, request: AnyRequest, password_hash: str | None) -> Terms:
    return Terms(
        access_seconds=asked.access_token_expiration_seconds or ACCESS_SECONDS,
        refresh_seconds=asked.refresh_token_expiration_seconds or SESSION_SECONDS,
        sticky=asked.sticky_access_token_expiration,
        interactive=asked.interactive,
        device=device_text(request),
        password_hash=password_hash,
    )
