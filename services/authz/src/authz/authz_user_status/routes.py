"""`/v1/authz-user-status`."""

from uuid import UUID

import msgspec
from chassis.arguments import FromPath
from contracts.permissions import AUTHENTICATED
from jsonapi import document, get
from kernel import NotFound

from authz.answers import Asked, Written, answer, asking, fresh, require_may_ask
from authz.authz_user_status.schemas import UserStatusAttributes, UserStatusDocument


@get("/v1/authz-user-status/{user_id:uuid}", operation_id="readAuthzUserStatus", permission=AUTHENTICATED)
async def read(request: Asked, user_id: FromPath[UUID]) -> Written[UserStatusDocument]:
    """Say how fresh the index is for a user.

    `last-populated-at` is when the index last took events in, `latest-event-at` when something last changed what the
    user may do (in their own facts or in the forests of their organizations), and `up-to-date` whether the index holds
    every event that is on the streams at this moment.
    """
    replica = await fresh(request)
    require_may_ask(replica.facts, asking(request), (str(user_id),))
    if replica.facts.users.find(str(user_id)) < 0:
        raise NotFound
    latest = replica.latest_event_at(str(user_id))
    attributes = UserStatusAttributes(replica.populated_at, latest, await replica.up_to_date())
    return answer(replica, msgspec.json.encode(document("authz-user-status", user_id, attributes)), 200)


ROUTES = [read]
