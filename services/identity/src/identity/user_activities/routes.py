"""`/v1/user-activities/`."""

from chassis.arguments import Caller, Parameters, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, get

from identity.user_activities import queries
from identity.user_activities.schemas import UserActivitiesQuery, UserActivityCollection


@get("/v1/user-activities", operation_id="listUserActivities", permission=AUTHENTICATED, query=UserActivitiesQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[UserActivitiesQuery]
) -> UserActivityCollection:
    """List what users did, the newest first: `login` signed in, `refr` came back, `sreg` confirmed a sign-up.

    Coming back is noted at most once a minute and session. Activities are kept for 400 days.
    """
    found, staff = await queries.list_(session, principal, parameters)
    return collection("user-activities", found, lambda row: (row.id, queries.attributes(row, staff)))


ROUTES = [list_]
