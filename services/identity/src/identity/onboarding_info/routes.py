"""`/v1/onboarding-info/`."""

from chassis.arguments import JSONBody, Process, Session, Visitor
from contracts.permissions import PUBLIC
from jsonapi import document, post

from identity.onboarding_info import queries
from identity.onboarding_info.schemas import KIND, AskedDocument, InfoDocument
from identity.throttling.callers import AnyRequest


@post("/v1/onboarding-info", operation_id="onboardingInfo", permission=PUBLIC)
async def onboarding_info(
    session: Session, runtime: Process, request: AnyRequest, principal: Visitor, data: JSONBody[AskedDocument]
) -> InfoDocument:
    """Say how far an invitation is and which organization invites, by its code; never whom.

    By e-mail address or phone number only the person themselves is told, signed in with that address: everybody else
    gets the same answer for every address, and an id that means nothing.
    """
    identifier, shown = await queries.info(runtime, session, request, principal, data.data.attributes)
    return document(KIND, identifier, shown)


ROUTES = [onboarding_info]
