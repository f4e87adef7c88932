"""Exchanging the one-time code of who came back from an identity provider for tokens."""

from typing import Annotated
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import Unauthorized
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.external_sign_ins.models import ExternalIdentity, ExternalSession, ExternalSignIn
from identity.external_sign_ins.upstream import Upstream, index_mark, subject_mark
from identity.identity_providers.models import IdentityProvider
from identity.login import needs
from identity.login.external import sealed_proof
from identity.mfa_totp import proving
from identity.openid import browser_sessions
from identity.parts import Parts, parts_of
from identity.service_documents import agreements
from identity.sessions import commands as sessions
from identity.sessions.proofs import TWO_FACTORS, Proof
from identity.sessions.schemas import SignedIn
from identity.throttling.callers import AnyRequest, device_of

OTP = ("otp", "mfa")
USE = text("""
    UPDATE external_sign_ins SET used_at = clock_timestamp()
     WHERE id = :id AND used_at IS NULL AND code_expires_at > clock_timestamp() RETURNING id
""")


class Exchange(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """The code from the address, and what the sign-in takes beside it."""

    code: Annotated[str, msgspec.Meta(max_length=100)]
    totp_code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    service_document_agreements: Annotated[list[UUID], msgspec.Meta(max_length=100)] = []
    locale: Annotated[str, msgspec.Meta(max_length=35)] | None = None


class Exchanged(msgspec.Struct, frozen=True):
    """Tokens, and the device's cookie."""

    answer: SignedIn
    device: str


async def exchange(runtime: Runtime, session: AsyncSession, request: AnyRequest, asked: Exchange) -> Exchanged:
    """Sign in who the code stands for. Raises Unauthorized; what is missing beside it may come with the same code."""
    parts, device = parts_of(runtime), device_of(request, parts_of(runtime))
    statement = (
        select(ExternalSignIn, ExternalIdentity.user_id)
        .join(ExternalIdentity, ExternalIdentity.id == ExternalSignIn.identity_id)
        .join(IdentityProvider, IdentityProvider.id == ExternalSignIn.provider_id)
        .where(
            ExternalSignIn.code == browser_sessions.digest(asked.code),
            ExternalSignIn.used_at.is_(None),
            IdentityProvider.enabled,
        )
    )
    found = (await session.execute(statement.with_for_update(of=ExternalSignIn))).first()
    if found is None or not await sessions.admit(session, found.user_id, None):
        raise _wrong_code()
    row, user_id = found.ExternalSignIn, found.user_id
    needed = await needs.read(session, user_id)
    proof = sealed_proof(row.proof)
    if needed.factor is not None and proof.acr != TWO_FACTORS:
        if asked.totp_code:
            await proving.charge(runtime, device, user_id)
        await proving.prove(session, parts, user_id, needed.factor, asked.totp_code or None)
        proof = Proof(TWO_FACTORS, [*proof.amr, *OTP], proof.at)
    waiting = needed.documents
    if asked.service_document_agreements:
        await agreements.record(session, user_id, asked.service_document_agreements, "login")
        waiting = await agreements.outstanding(session, user_id)
    await agreements.demand(session, parts, waiting, asked.locale or needed.who.locale)
    if (await session.execute(USE, {"id": row.id})).first() is None:
        raise _wrong_code()
    terms = sessions.Terms(device=request.headers.get("user-agent", "")[:200] or None, proof=proof)
    answer = await sessions.begin(session, parts, needed.who, terms)
    await remember(session, parts, row, answer.session_id)
    return Exchanged(answer, device.after(user_id))


async def remember(session: AsyncSession, parts: Parts, row: ExternalSignIn, session_id: object) -> None:
    """Remember which session over there this one came from, so that either ends the other."""
    if row.upstream_session is None or not isinstance(session_id, UUID):
        return
    owner = f"external-session:{row.provider_id}"
    upstream = msgspec.json.decode(parts.vault.open_sealed(row.upstream_session, owner), type=Upstream)
    session.add(
        ExternalSession(
            session_id=session_id,
            provider_id=row.provider_id,
            subject_mark=subject_mark(parts.vault, upstream.name_id),
            index_mark=index_mark(parts.vault, upstream.index) if upstream.index else None,
            details=row.upstream_session,
        )
    )
    await session.flush()


def _wrong_code() -> Unauthorized:
    return Unauthorized("The code is wrong, was used or has expired.", code="invalid-code")
