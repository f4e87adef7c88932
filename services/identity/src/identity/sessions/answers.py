"""What signing in and refreshing answer."""

from uuid import UUID

from identity import tokens
from identity.parts import Parts
from identity.sessions import facts
from identity.sessions.facts import Facts
from identity.sessions.proofs import Proof
from identity.sessions.schemas import Impersonator, SignedIn


def answer(
    parts: Parts,
    who: Facts,
    session_id: UUID,
    organization_id: UUID | None,
    refresh_token: str,
    seconds: float,
    left: float,
    behind: Impersonator | None = None,
    proof: Proof | None = None,
) -> SignedIn:
    """Tokens that live `seconds`, but not longer than what is left of the session.

    With somebody `behind` them they say so, and hold no system role.
    """
    lifetime = max(1.0, min(seconds, left))
    roles = who.roles_in(organization_id)
    subject = tokens.Subject(
        user_id=who.user_id,
        session_id=session_id,
        organization_id=organization_id,
        roles=tuple(role for role in roles if not role.startswith("system.")) if behind else roles,
        at=who.at,
        proof=proof,
        impersonator=behind.id if behind else None,
        impersonator_session=behind.session_id if behind else None,
    )
    made: SignedIn = facts.info(who, session_id, organization_id, SignedIn)
    made.access_token = tokens.access_token(parts, subject, lifetime)
    made.id_token = tokens.id_token(parts, subject, lifetime, facts.person(who))
    made.refresh_token = refresh_token
    made.token_type = "Bearer"  # noqa: S105 the scheme's name
    made.expires_in = int(lifetime)
    made.refresh_expires_in = int(left)
    made.impersonated_by = behind
    return made
