"""`/v1/authz-changes`."""

from typing import Annotated

import msgspec
from chassis.arguments import Parameters
from chassis.runtime import runtime_of
from contracts.permissions import AUTHENTICATED
from jsonapi import Query, get
from litestar.response import Stream

from authz.answers import Asked, asking, fresh
from authz.authz_changes.follower import Follower

LAST_SEEN = "last-event-id"
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


class ChangesQuery(Query, kw_only=True):
    """From where on. The header `Last-Event-ID` goes before."""

    after: Annotated[str, msgspec.Meta(max_length=64)] | None = None


@get(
    "/v1/authz-changes",
    operation_id="followAuthzChanges",
    permission=AUTHENTICATED,
    query=ChangesQuery,
    media_type="text/event-stream",
)
async def list_(request: Asked, parameters: Parameters[ChangesQuery]) -> Stream:
    """Follow the changes of permissions as server-sent events, for whoever keeps something by them, as a search index.

    Each `change` names the subjects and resources that are to be asked about again, and the organizations within which
    rights moved; its id is a revision. Ask with `x-authz-at-least` set to it and the answer knows of the change. A
    reconnecting client sends `Last-Event-ID` (or `after`) and gets what it missed, from the streams of events, which
    hold 30 days; 410 says that they do not reach back so far: read anew, then follow from that answer's
    `x-authz-revision`. An expiry of a grant is no event: its time is in the grant. A comment comes every 15 seconds; a
    client that reads too slowly is cut off and resumes. The stream ends with the token.

    Services and the operator's staff see all, administrators what belongs to their organizations.
    """
    replica = await fresh(request)
    after = request.headers.get(LAST_SEEN) or parameters.after
    follower = Follower(runtime_of(request), replica, asking(request), after)
    await follower.prepare()
    headers = HEADERS | {"x-authz-revision": replica.revision}
    return Stream(follower.run(), media_type="text/event-stream", headers=headers)


ROUTES = [list_]
