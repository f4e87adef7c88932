"""Signing in right after an address was proven by a code.

That is not a second factor, nobody agrees by it, and it leads nobody past their organization's identity provider.
"""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from identity.login import elsewhere, needs
from identity.parts import Parts
from identity.service_documents.agreements import REQUIRED
from identity.sessions import commands as sessions
from identity.sessions.schemas import LoginError, SignedIn

FAILED = LoginError(401, "invalid-credentials", "Signing in failed.")
TOTP = LoginError(401, "totp-required", "Sign in with the password and a code of the authenticator.")
DOCUMENTS = LoginError(401, REQUIRED, "Sign in with the password and agree to the documents.")
ELSEWHERE = LoginError(401, "identity-provider-required", "Sign in at your organization's identity provider.")


async def sign_in(session: AsyncSession, parts: Parts, user_id: UUID, terms: sessions.Terms) -> SignedIn | LoginError:
    """Tokens, or why there are none."""
    if not await sessions.admit(session, user_id, terms.password_hash):
        return FAILED
    if await elsewhere.signs_in_elsewhere(session, user_id):
        return ELSEWHERE
    needed = await needs.read(session, user_id)
    if needed.factor is not None:
        return TOTP
    if needed.documents:
        return DOCUMENTS
    return await sessions.begin(session, parts, needed.who, terms)
