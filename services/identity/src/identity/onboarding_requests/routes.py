"""`/v1/onboarding-requests/`: an organization invites people."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, patch, post

from identity.onboarding_requests import commands, queries
from identity.onboarding_requests.schemas import (
    KIND,
    ChangedOnboarding,
    NewOnboardingDocument,
    OnboardingCollection,
    OnboardingDocument,
    OnboardingsQuery,
    ResendingDocument,
)

ONE = "/v1/onboarding-requests/{request_id:uuid}"


@get("/v1/onboarding-requests", operation_id="listOnboardingRequests", permission=AUTHENTICATED, query=OnboardingsQuery)
async def list_(
    session: Session, runtime: Process, principal: Caller, parameters: Parameters[OnboardingsQuery]
) -> OnboardingCollection:
    """List an organization's invitations: all for its administrators, to other staff those that they made."""
    found = await queries.list_(runtime, session, principal, parameters)
    invites = await queries.last_invites(session, found.rows) if parameters.with_invite else None
    return collection(KIND, found, lambda row: (row.id, queries.attributes(row, invites)))


@post("/v1/onboarding-requests", operation_id="createOnboardingRequest", permission=AUTHENTICATED, in_person=True)
async def create(
    session: Session, runtime: Process, principal: Caller, data: JSONBody[NewOnboardingDocument]
) -> OnboardingDocument:
    """Invite a patient or a provider by e-mail or SMS, into groups of the organization if they are named.

    Administrators invite anybody, leaders into groups of theirs. The message holds a code that works once and for
    30 days: as `referral-code` at sign-up, or, where `auto-sign-up` has made the login, as `confirmation-code`.
    """
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, await queries.one(session, row))


@get(ONE, operation_id="readOnboardingRequest", permission=AUTHENTICATED)
async def read(session: Session, runtime: Process, principal: Caller, request_id: FromPath[UUID]) -> OnboardingDocument:
    """Read an invitation, with what became of its messages."""
    row = await queries.read(runtime, session, principal, request_id)
    return document(KIND, row.id, await queries.one(session, row))


@patch(ONE, operation_id="updateOnboardingRequest", permission=AUTHENTICATED, in_person=True)
async def update(
    session: Session,
    runtime: Process,
    principal: Caller,
    request_id: FromPath[UUID],
    data: JSONBody[ChangedOnboarding],
) -> OnboardingDocument:
    """Cancel an invitation, or give it another address: the message goes there with a new code, the old one is void."""
    row = await commands.update(runtime, session, principal, request_id, data.attributes_for(request_id))
    return document(KIND, row.id, await queries.one(session, row))


@post(
    f"{ONE}/resend-notifications",
    operation_id="resendOnboardingNotifications",
    permission=AUTHENTICATED,
    in_person=True,
)
async def resend_notifications(
    session: Session,
    runtime: Process,
    principal: Caller,
    request_id: FromPath[UUID],
    data: JSONBody[ResendingDocument | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> OnboardingDocument:
    """Send the invitation again, by e-mail and SMS wherever there is an address. It counts for 30 days anew."""
    row = await commands.resend_notifications(runtime, session, principal, request_id)
    return document(KIND, row.id, await queries.one(session, row))


ROUTES = [list_, create, read, update, resend_notifications]
