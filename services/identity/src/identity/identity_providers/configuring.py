"""Learning from a provider who it is and where it is asked: by its metadata, from it or from an administrator."""

from typing import Any, NamedTuple

import msgspec
from chassis import outside
from chassis.runtime import Runtime
from kernel import DomainError, Invalid

from identity.identity_providers import discovery, saml_metadata

AT = "/data/attributes"
SAML_KIND = "application/samlmetadata+xml, application/xml"


class Source(NamedTuple):
    """Where a configuration comes from: exactly one of them, but an issuer may stand beside its document."""

    issuer: str | None = None
    metadata: str | None = None
    metadata_url: str | None = None
    fhir_url: str | None = None


class Configured(NamedTuple):
    """Who the provider is and its endpoints, as a row keeps them."""

    issuer: str
    endpoints: dict[str, Any]


async def configured(runtime: Runtime, protocol: str, source: Source) -> Configured:
    """What the provider's metadata say. Raises Invalid at the member that the metadata came from."""
    given = [name for name in ("metadata", "metadata_url", "fhir_url") if getattr(source, name)]
    if len(given) > 1:
        raise Invalid("Give one of metadata, metadata-url and fhir-url.", pointer=f"{AT}/{_kebab(given[1])}")
    if not given and source.issuer is None:
        name = "metadata" if protocol == "saml" else "issuer"
        raise Invalid("Say where the provider's metadata are.", pointer=f"{AT}/{name}", code="required")
    member = given[0] if given else "issuer"
    try:
        found = await (_saml if protocol == "saml" else _oidc)(runtime, member, source)
    except DomainError as error:
        error.pointer = f"{AT}/{_kebab(member)}"
        raise
    return Configured(found[0], msgspec.to_builtins(found[1]))


async def _saml(runtime: Runtime, member: str, source: Source) -> tuple[str, saml_metadata.Endpoints]:
    if member in {"issuer", "fhir_url"}:
        raise Invalid("SAML takes metadata or a metadata-url.")
    raw = _typed(source.metadata) if source.metadata else await _fetched(runtime, source.metadata_url or "", SAML_KIND)
    entity_id, endpoints = saml_metadata.read(raw)
    for address in (endpoints.sign_in_url, endpoints.sign_out_url):
        if address is not None:
            browser_address(runtime, address)
    return entity_id, endpoints


async def _oidc(runtime: Runtime, member: str, source: Source) -> tuple[str, discovery.Endpoints]:
    if source.issuer is not None:
        outside.check(runtime, source.issuer)
    match member:
        case "metadata":
            raw = _typed(source.metadata or "")
        case "metadata_url":
            raw = await _fetched(runtime, source.metadata_url or "")
        case "fhir_url":
            raw = await _fetched(runtime, discovery.of_fhir(source.fhir_url or ""))
        case _:
            raw = await _fetched(runtime, discovery.of_issuer(source.issuer or ""))
    return discovery.read(runtime, raw, source.issuer)


async def _fetched(runtime: Runtime, url: str, kind: str = "application/json") -> bytes:
    return await discovery.fetched(runtime, outside.check(runtime, url), kind)


def _typed(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def browser_address(runtime: Runtime, url: str) -> None:
    """Let pass an address that only browsers go to: https wherever it is, else what may be reached. Raises Invalid."""
    host = url.removeprefix("https://")
    if host == url or not host or host.startswith("/") or not url.isascii() or not url.isprintable() or " " in url:
        outside.check(runtime, url)


def _kebab(name: str) -> str:
    return name.replace("_", "-")
