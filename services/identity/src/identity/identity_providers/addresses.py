"""The platform's own addresses for identity providers, and where browsers may be sent when somebody has come back."""

from uuid import UUID

from identity.identity_providers.models import IdentityProvider
from identity.openid.addresses import problem

LONGEST = 255


def redirector(public_url: str) -> str:
    """Where OpenID Providers send people back to."""
    return f"{public_url}/v1/oauth2-redirector/"


def start(public_url: str, provider_id: UUID) -> str:
    """Where signing in through a provider begins."""
    return f"{public_url}/v1/identity-providers/{provider_id}/sign-in/"


def service_provider(public_url: str, provider_id: UUID, action: str) -> str:
    """An address of the SAML service provider that faces a provider: acs, logout, logged-out, metadata."""
    return f"{public_url}/v1/saml-acs/{provider_id}/{action}/"


def registrable(address: str) -> str | None:
    """What is wrong with an address for people to come back to; None where nothing is."""
    if "?" in address:
        return "The address may have no query; the application's own is allowed beside it."
    return problem(address, native=False)


def allowed(provider: IdentityProvider, address: str) -> bool:
    """Whether an address is one of the provider's, letter by letter, with whatever query the application adds."""
    base, _, query = address.partition("?")
    if len(address) > LONGEST or problem(address, native=False) is not None or "#" in query:
        return False
    return base in provider.redirect_addresses
