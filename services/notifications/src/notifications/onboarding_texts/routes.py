"""`/v1/onboarding-texts/`."""

from typing import Any
from uuid import UUID

from chassis.arguments import FromPath, JSONBody, Process, Session
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Request

from notifications.onboarding_texts import commands
from notifications.onboarding_texts.schemas import StatusBody, StatusDocument


@post(
    "/v1/onboarding-texts/{text_id:uuid}/update-status",
    operation_id="updateOnboardingTextStatus",
    permission=PUBLIC,
    dto=StatusBody,
    return_dto=None,
    tags=["Onboarding texts"],
)
async def update_status(
    session: Session,
    runtime: Process,
    request: Request[Any, Any, Any],
    text_id: FromPath[UUID],
    data: JSONBody[StatusDocument],
) -> dict[str, str]:
    """Take in what the provider says became of a text; signed as Twilio signs (`X-Twilio-Signature`).

    The body is a document with `message-status` and `error-code`, or the provider's own form. A report that is older
    than what is known changes nothing.
    """
    await commands.check_signature(request, runtime.settings)
    await commands.update_status(session, text_id, data.data.attributes)
    return {}


ROUTES = [update_status]
