"""Which hosts an organization owns: the domain of its theme, which the operator's staff gave it, and what is below."""

from uuid import UUID

from chassis.clients import get_as_service
from chassis.runtime import Runtime
from kernel import Invalid, NotFound

POINTER = "/data/attributes"


async def check_owned(runtime: Runtime, organization_id: UUID, netloc: str) -> None:
    """Raises Invalid for a host that is not the organization's, NotFound without the organization, Unavailable."""
    domain = await _domain(runtime, organization_id)
    host = netloc.lower()
    if domain is None or not (host == domain or host.endswith(f".{domain}")):
        raise Invalid(
            "The host is not the domain of the organization's theme.", pointer=f"{POINTER}/netloc", code="foreign-host"
        )


async def _domain(runtime: Runtime, organization_id: UUID) -> str | None:
    orgs = runtime.common.orgs_url
    try:
        organization = await get_as_service(runtime, f"{orgs}/v1/organizations/{organization_id}/")
    except NotFound:
        raise NotFound("There is no such organization.", pointer=f"{POINTER}/organization-id") from None
    theme_id = organization["data"]["attributes"].get("theme-id")
    if theme_id is None:
        return None
    theme = await get_as_service(runtime, f"{orgs}/v1/organization-themes/{theme_id}/")
    return str(theme["data"]["attributes"]["domain"]).lower()
