"""`/v1/notifications/`."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, document, get, post
from litestar import Request
from litestar.response import Stream

from notifications.notifications import commands, queries
from notifications.notifications.listening import Listener
from notifications.notifications.schemas import (
    KIND,
    Marked,
    MarkedAnswer,
    NotificationCollection,
    NotificationDocument,
    NotificationQuery,
    StreamQuery,
    Unread,
    UnreadAnswer,
)

TAGS = ["Notifications"]
PATH = "/v1/notifications"
ONE = f"{PATH}/{{notification_id:uuid}}"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@get(PATH, operation_id="listNotifications", permission=AUTHENTICATED, query=NotificationQuery, tags=TAGS)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[NotificationQuery]
) -> NotificationCollection:
    """List one's own messages, newest first."""
    rows = await queries.list_(session, principal, parameters)
    return collection(KIND, rows, lambda row: (row.id, queries.attributes(row)))


@get(ONE, operation_id="readNotification", permission=AUTHENTICATED, tags=TAGS)
async def read(session: Session, principal: Caller, notification_id: FromPath[UUID]) -> NotificationDocument:
    """Read one of one's own messages; it is not marked by that."""
    row = await queries.require(session, principal, notification_id)
    return document(KIND, row.id, queries.attributes(row))


@post(f"{ONE}/mark-read", operation_id="markNotificationRead", permission=AUTHENTICATED, tags=TAGS)
async def mark_read(session: Session, principal: Caller, notification_id: FromPath[UUID]) -> NotificationDocument:
    """Mark a message read; marking it again keeps the first time."""
    row = await commands.mark_read(session, principal, notification_id)
    return document(KIND, row.id, queries.attributes(row))


@post(f"{PATH}/mark-all-read", operation_id="markAllNotificationsRead", permission=AUTHENTICATED, tags=TAGS)
async def mark_all_read(session: Session, principal: Caller) -> MarkedAnswer:
    """Mark all of one's messages read."""
    return MarkedAnswer(Marked(await commands.mark_all_read(session, principal)))


@get(f"{PATH}/unread-count", operation_id="countUnreadNotifications", permission=AUTHENTICATED, tags=TAGS)
async def count(session: Session, principal: Caller) -> UnreadAnswer:
    """Count one's messages that are not marked read."""
    return UnreadAnswer(Unread(await queries.unread(session, principal)))


@get(
    f"{PATH}/stream",
    operation_id="followNotifications",
    permission=AUTHENTICATED,
    query=StreamQuery,
    media_type="text/event-stream",
    tags=TAGS,
)
async def follow(
    request: Request[Any, Any, Any], principal: Caller, runtime: Process, parameters: Parameters[StreamQuery]
) -> Stream:
    """Follow one's messages as server-sent events, each a `notification`.

    A reconnecting client sends `Last-Event-ID` (or `after`) and gets what it missed. A comment comes every 15 seconds.
    A person may have ten open; 429 says that there are too many. The stream ends with the token.
    """
    after = request.headers.get("last-event-id") or parameters.after
    listener = Listener(runtime, principal, queries.reader(principal), after)
    return Stream(listener.run(), media_type="text/event-stream", headers=HEADERS)


ROUTES = [list_, read, mark_read, mark_all_read, count, follow]
