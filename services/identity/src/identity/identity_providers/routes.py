"""`/v1/identity-providers/`: where an organization's people sign in elsewhere."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import ORGANIZATION_READ, ORGANIZATION_WRITE, PUBLIC
from jsonapi import collection, delete, get, patch, post
from litestar import Response

from identity.external_sign_ins.starting import Way, begin
from identity.identity_providers import checking, commands, domains, presentation, queries
from identity.identity_providers.schemas import (
    KIND,
    ChangedProvider,
    NewProvider,
    Nothing,
    ProviderCollection,
    ProviderDocument,
    ProvidersQuery,
    SignInQuery,
    Tested,
    VerifyDomain,
)
from identity.throttling.callers import AnyRequest

PATH = "/v1/identity-providers"
ONE = f"{PATH}/{{provider_id:uuid}}"


@get(PATH, operation_id="listIdentityProviders", permission=ORGANIZATION_READ, query=ProvidersQuery)
async def list_(
    session: Session, runtime: Process, principal: Caller, parameters: Parameters[ProvidersQuery]
) -> ProviderCollection:
    """List an organization's identity providers, the oldest first, for its administrators."""
    found = await queries.list_(session, principal, parameters)
    around = await queries.domains(session, [row.id for row in found.rows])
    return collection(KIND, found, lambda row: (row.id, presentation.attributes(runtime, row, around[row.id])))


@post(PATH, operation_id="createIdentityProvider", permission=ORGANIZATION_WRITE, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewProvider]
) -> ProviderDocument:
    """Set a provider up: OpenID Connect, SMART on FHIR or SAML 2.0. It takes a recent sign-in, as all changes of it do.

    Its metadata are read at once, from a public https address or from the document itself. Names of attributes that
    are not given are the usual ones of the protocol. People who come through it are known by the provider's own
    subject; the first time they are linked to the login that has their verified address in a verified domain, or get
    one (`just-in-time`). `group-rules` give roles and groups; what a group gave goes when they are no longer in it.
    """
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return await presentation.document_of(session, runtime, row)


@get(ONE, operation_id="readIdentityProvider", permission=ORGANIZATION_READ)
async def read(session: Session, runtime: Process, principal: Caller, provider_id: FromPath[UUID]) -> ProviderDocument:
    """Read a provider, with its domains' records and what it has to know of the platform."""
    row = await queries.read(session, principal, provider_id, reading=True)
    return await presentation.document_of(session, runtime, row)


@patch(ONE, operation_id="updateIdentityProvider", permission=ORGANIZATION_WRITE, in_person=True)
async def update(
    session: Session, runtime: Process, principal: Caller, provider_id: FromPath[UUID], data: JSONBody[ChangedProvider]
) -> ProviderDocument:
    """Change a provider, or switch it off and on. With another issuer nobody of before is known through it any more."""
    row = await commands.update(runtime, session, principal, provider_id, data.attributes_for(provider_id))
    return await presentation.document_of(session, runtime, row)


@delete(ONE, operation_id="deleteIdentityProvider", permission=ORGANIZATION_WRITE, in_person=True)
async def delete_(session: Session, principal: Caller, provider_id: FromPath[UUID]) -> None:
    """Remove a provider. Sessions go on; who has no password signs in again by a forgotten one."""
    await commands.delete(session, principal, provider_id)


@post(
    f"{ONE}/verify-domain", operation_id="verifyIdentityProviderDomain", permission=ORGANIZATION_WRITE, in_person=True
)
async def verify_domain(
    session: Session, runtime: Process, principal: Caller, provider_id: FromPath[UUID], data: JSONBody[VerifyDomain]
) -> ProviderDocument:
    """Look a domain's TXT record up. From then on its people are sent to this provider by `login`, and by no other."""
    row = await domains.verify(runtime, session, principal, provider_id, data.domain)
    await commands.tell(session, principal, row, "domain-verified", domain=data.domain)
    return await presentation.document_of(session, runtime, row)


@post(f"{ONE}/test", operation_id="testIdentityProvider", permission=ORGANIZATION_WRITE)
async def test(
    session: Session,
    runtime: Process,
    principal: Caller,
    provider_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001, PT028 decoded to refuse other members
) -> Tested:
    """Try a provider: its metadata are read again and kept, its keys fetched, its certificates looked at."""
    return await checking.test(runtime, session, principal, provider_id)


@get(f"{ONE}/sign-in", operation_id="startIdentityProviderSignIn", permission=PUBLIC, query=SignInQuery)
async def sign_in(
    runtime: Process, request: AnyRequest, provider_id: FromPath[UUID], parameters: Parameters[SignInQuery]
) -> Response[None]:
    """Send the browser to a provider. It comes back to `next`, one of the registered addresses, with a `code`."""
    provider = await queries.looked_up(runtime, queries.enabled, provider_id)
    way = Way(next=parameters.next, login_hint=parameters.login_hint, interaction_id=parameters.interaction)
    return await begin(runtime, request, provider, way)


ROUTES = [list_, create, read, update, delete_, verify_domain, test, sign_in]
