"""Whether a credential counts at this moment, by the rows themselves."""

from datetime import datetime
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from kernel import Unauthorized
from msgspec import UNSET

from identity import tokens
from identity.api_keys import standing as api_keys
from identity.authenticate.schemas import Authenticated, Identity
from identity.openid import clients
from identity.parts import parts_of
from identity.sessions.impersonators import BEHIND
from identity.sessions.proofs import Proof

STANDING = f"""
    SELECT u.email, clock_timestamp() AS at,
           s.ended_at IS NULL AND s.expires_at > clock_timestamp() AND u.state = 'confirmed'
           AND (u.sessions_ended_at IS NULL OR s.created_at > u.sessions_ended_at) AND {BEHIND}
           AND (s.service_account_id IS NULL OR EXISTS (
               SELECT FROM users m WHERE m.id = s.service_account_id AND m.state = 'confirmed')) AS alive,
           u.tokens_outdated_at
      FROM sessions s JOIN users u ON u.id = s.user_id
     WHERE s.id = $1 AND s.user_id = $2
"""  # noqa: S608


async def authenticate(
    runtime: Runtime, principal: Principal | None, *, edge: bool, fresh: bool = False
) -> Authenticated:
    """Who the bearer is. Raises Unauthorized when the credential does not count now.

    `fresh` says that the rows were asked a moment ago, to find the principal.
    """
    if principal is not None and principal.service is not None:
        return Authenticated(_identity(principal, None))
    if principal is not None and principal.key_id is not None:
        email = None if fresh else await _email(runtime, principal)
        if principal.session_id is None or principal.user_id is None:
            answer = Authenticated(_identity(principal, email))
            answer.data.internal_token = principal.token if edge else UNSET
            return answer
    if principal is None or principal.session_id is None or principal.user_id is None:
        raise Unauthorized("The credential is missing or does not count.", code="invalid-credential")
    row = await runtime.row(STANDING, principal.session_id, principal.user_id)
    if row is None or not row["alive"]:
        raise Unauthorized("The session has ended.", code="session-ended")
    if row["tokens_outdated_at"] is not None and principal.issued_at < row["tokens_outdated_at"]:
        raise Unauthorized("The token is outdated; refresh it.", code="token-outdated")
    answer = Authenticated(_identity(principal, row["email"]))
    if edge:
        subject = _subject(principal, principal.session_id, principal.user_id, row["at"])
        answer.data.internal_token = tokens.edge_token(parts_of(runtime), subject)
    return answer


async def _email(runtime: Runtime, principal: Principal) -> str | None:
    """The address of whom a key acts as; a client acts as nobody. Raises Unauthorized for what does not count."""
    if principal.user_id is not None or principal.key_id is None:
        return await api_keys.email_of(runtime, principal)
    await clients.check(runtime, principal.key_id)
    return None


def _identity(principal: Principal, email: str | None) -> Identity:
    return Identity(
        user_id=principal.user_id,
        organization_id=principal.organization_id,
        email=email,
        roles=sorted(principal.roles),
        session_id=principal.session_id,
        scopes=UNSET if principal.scopes is None else sorted(principal.scopes),
        api_key_id=principal.key_id if principal.key_id and principal.user_id else UNSET,
    )


def _subject(principal: Principal, session_id: UUID, user_id: UUID, at: datetime) -> tokens.Subject:
    return tokens.Subject(
        user_id=user_id,
        session_id=session_id,
        organization_id=principal.organization_id,
        roles=tuple(sorted(principal.roles)),
        at=at,
        proof=Proof(principal.acr, principal.amr, principal.auth_time) if principal.acr else None,
        scopes=principal.scopes,
        impersonator=principal.impersonator,
        impersonator_session=principal.impersonator_session,
        key_id=principal.key_id,
    )
