"""Leading people to where their organization signs them in."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from chassis.runtime import Runtime
from kernel import DomainError
from litestar import Response
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.identity_providers import names
from identity.login.commands import FIND, Account
from identity.login.elsewhere import SignsInElsewhere
from identity.openid.pages.rendering import page
from identity.openid.pages.visiting import Visit
from identity.throttling.callers import AnyRequest
from identity.usernames import comparable

ANY = text("""
    SELECT EXISTS (SELECT FROM identity_provider_domains d JOIN identity_providers p ON p.id = d.provider_id
                    WHERE d.verified_at IS NOT NULL AND p.enabled)
""")


class NoneKnown(DomainError):
    """The domain that was typed belongs to no identity provider here, which everybody may know."""

    status, code = 400, "no-identity-provider"

    def __init__(self) -> None:
        super().__init__(
            "No organization signs its people in by this address here. Type your whole e-mail address, or use your "
            "password."
        )


async def offered(session: AsyncSession) -> bool:
    """Whether there is any organization that signs its people in itself."""
    return bool(await session.scalar(ANY))


async def provider_of(runtime: Runtime, username: str, *, own: bool = False) -> UUID | None:
    """The identity provider that the domain of a username belongs to.

    With `own` also that of the user's verified address, and none for who is exempt: only once somebody has shown that
    they are that user, for it tells that there is one.
    """
    key = comparable(username)
    account = Account(*await runtime.row(FIND, key, names.of_address(key) or ""))
    if not own:
        return account.provider_id
    return None if account.exempt else account.provider_id or account.own_provider_id


def lead(runtime: Runtime, request: AnyRequest, visit: Visit, provider_id: UUID, username: str) -> Response[Any]:
    """The page that leads to a provider."""
    return led(request, visit, SignsInElsewhere(runtime, provider_id, username).url)


def led(request: AnyRequest, visit: Visit, url: str) -> Response[Any]:
    """The page that leads where an organization's own people sign in, and from where they come back.

    A page leads there and no redirect: browsers hold what follows a form to the form's policy.
    """
    address = f"{url}{'&' if '?' in url else '?'}{urlencode({'interaction': visit.interaction.id})}"
    return page(request, "elsewhere", address=address, client=visit.client.name)
