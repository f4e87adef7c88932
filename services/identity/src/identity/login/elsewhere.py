"""Who signs in at an identity provider rather than with a password.

Everybody whose username, or whose verified address, is of a domain that an enabled provider has shown to be its
organization's. The answer is the same whether there is such a user and whatever the password, so it tells only what
the domain's owner published. Two kinds of people keep their password, so that nobody is locked out when a provider is
broken or set up wrongly: the administrators of the provider's organization and the operator's staff. They, too, are
sent to the provider unless the password is right.
"""

from urllib.parse import urlencode
from uuid import UUID

from chassis.runtime import Runtime
from kernel import Unauthorized
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import addresses

PROVIDER = """
    SELECT d.provider_id FROM identity_provider_domains d JOIN identity_providers p ON p.id = d.provider_id
     WHERE d.domain = {} AND d.verified_at IS NOT NULL AND p.enabled
"""
"""The enabled provider that a domain is shown to belong to."""
EXEMPT = """
    (EXISTS (SELECT FROM user_roles r WHERE r.user_id = whole.id AND r.name LIKE 'system.%') OR EXISTS (
        SELECT FROM identity_providers p
         WHERE p.id = coalesce(whole.provider_id, whole.own_provider_id)
           AND (EXISTS (SELECT FROM user_organizations o WHERE o.user_id = whole.id
                           AND o.organization_id = p.organization_id AND o.role = 'org.admin')
                OR EXISTS (SELECT FROM user_roles r WHERE r.user_id = whole.id
                              AND r.organization_id = p.organization_id AND r.name = 'org.admin'))))
"""
"""Whether `whole.id` is one of the operator's staff or administers the organization of the provider."""
OF_USER = text(f"""
    SELECT EXISTS (
        SELECT FROM (
            SELECT u.id, ({PROVIDER.format("split_part(u.username_key, '@', 2)")}) AS provider_id,
                   ({PROVIDER.format("CASE WHEN u.email_verified THEN split_part(u.email_key, '@', 2) END")})
                       AS own_provider_id
              FROM users u WHERE u.id = :user_id) whole
         WHERE coalesce(whole.provider_id, whole.own_provider_id) IS NOT NULL AND NOT {EXEMPT})
""")  # noqa: S608
"""Whether a user signs in elsewhere, who has shown here who they are."""
LONGEST_HINT = 255


class SignsInElsewhere(Unauthorized):
    """Passwords of this domain's people do not count; `url` is where they sign in."""

    def __init__(self, runtime: Runtime, provider_id: UUID, username: str) -> None:
        """`username` is what was typed; the provider is told if it is an address."""
        hint = f"?{urlencode({'login-hint': username})}" if "@" in username and len(username) <= LONGEST_HINT else ""
        self.url = f"{addresses.start(runtime.common.public_url, provider_id)}{hint}"
        detail = "Sign in at your organization's identity provider."
        super().__init__(detail, code="identity-provider-required", meta={"redirect-url": self.url})


async def signs_in_elsewhere(session: AsyncSession, user_id: UUID) -> bool:
    """Whether an identity provider has this user, and nothing lets them sign in here."""
    return bool(await session.scalar(OF_USER, {"user_id": user_id}))
