"""`/api/v5/artifacts/profiles/…`."""

from chassis.arguments import Caller, JSONBody, Session
from contracts.permissions import AUTHENTICATED, PROFILE_READ
from jsonapi import post

from artifacts import actors
from artifacts.profiles.v5 import context as contexts
from artifacts.profiles.v5 import searching
from artifacts.profiles.v5.schemas import GetProfileContext, ProfileContext, ProfileList, SearchProfiles

PATH = "/api/v5/artifacts/profiles"
READ = "person:read"
TAGS = ["Profiles (v5)"]


@post(f"{PATH}/search", operation_id="searchProfiles", permission=PROFILE_READ, scope=READ, status=200, tags=TAGS)
async def search(session: Session, principal: Caller, data: JSONBody[SearchProfiles]) -> ProfileList:
    """Search profiles; a participant finds nobody but themselves."""
    return await searching.search(session, await actors.actor(session, principal), data)


@post(f"{PATH}/context", operation_id="getProfileContext", permission=AUTHENTICATED, scope=READ, status=200, tags=TAGS)
async def context(session: Session, principal: Caller, data: JSONBody[GetProfileContext]) -> ProfileContext:
    """Say who the caller is, what they may see and which theme applies."""
    return await contexts.context(session, await actors.actor(session, principal), data.department_id)


ROUTES = [search, context]
