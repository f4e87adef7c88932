"""`/v1/feedback-comments/`."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post

from notifications.feedback_comments import commands, queries
from notifications.feedback_comments.schemas import (
    KIND,
    CommentCollection,
    CommentDocument,
    CommentQuery,
    NewCommentDocument,
)

TAGS = ["Feedback comments"]
PATH = "/v1/feedback-comments"


@get(PATH, operation_id="listFeedbackComments", permission=AUTHENTICATED, query=CommentQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, runtime: Process, parameters: Parameters[CommentQuery]
) -> CommentCollection:
    """List comments, newest first: one's own, an organization's for its administrators, all for the operator's."""
    rows = await queries.list_(runtime, session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@post(PATH, operation_id="createFeedbackComment", permission=AUTHENTICATED, tags=TAGS)
async def create(
    session: Session, principal: Caller, runtime: Process, data: JSONBody[NewCommentDocument]
) -> CommentDocument:
    """Say something about a page, at most 30 times an hour. `individual-id` must be one that the caller may see."""
    row = await commands.create(runtime, session, principal, data.data.attributes)
    return document(KIND, row.id, queries.attributes(row))


@get(f"{PATH}/{{comment_id:uuid}}", operation_id="readFeedbackComment", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, principal: Caller, runtime: Process, comment_id: FromPath[UUID]) -> CommentDocument:
    """Read a comment."""
    row = await queries.read(runtime, session, principal, comment_id)
    return document(KIND, row.id, queries.attributes(row))


ROUTES = [list_, create, read]
