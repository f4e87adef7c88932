"""`/api/projects/{project_id}/capture-token/`."""

from chassis.arguments import Caller, FromPath, Session
from contracts.permissions import ORGANIZATION_WRITE
from jsonapi import get, post

from artifacts.capture.schemas import CaptureToken
from artifacts.capture.tokens import commands
from artifacts.organizations.queries import project

PATH = "/api/projects/{project_id:str}/capture-token"
TAGS = ["Capture"]


@get(PATH, operation_id="readCaptureToken", permission=ORGANIZATION_WRITE, tags=TAGS)
async def read(session: Session, principal: Caller, project_id: FromPath[str]) -> CaptureToken:
    """Read the project's public token, with which applications send events and nothing can be read; for admins."""
    return await commands.read(session, principal, await project(session, principal, project_id))


@post(
    f"{PATH}/rotate",
    operation_id="rotateCaptureToken",
    permission=ORGANIZATION_WRITE,
    status=200,
    secret_answer=True,
    tags=TAGS,
)
async def rotate(session: Session, principal: Caller, project_id: FromPath[str]) -> CaptureToken:
    """Replace the project's public token; the one before counts for five seconds more at most."""
    return await commands.rotate(session, principal, await project(session, principal, project_id))


ROUTES = [read, rotate]
