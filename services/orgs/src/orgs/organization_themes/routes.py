"""HTTP of themes."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Session
from contracts.permissions import ORGANIZATION_READ, SUPPORT
from jsonapi import collection, delete, document, get, patch, post

from orgs.organization_themes import commands, queries
from orgs.organization_themes.schemas import (
    KIND,
    ChangeThemeDocument,
    NewThemeDocument,
    ThemeCollection,
    ThemeDocument,
    ThemeQuery,
)

TAGS = ["Organization themes"]
PATH = "/v1/organization-themes"
ONE = f"{PATH}/{{theme_id:uuid}}"


@get(PATH, operation_id="listOrganizationThemes", permission=ORGANIZATION_READ, query=ThemeQuery, tags=TAGS)
async def list_(session: Session, principal: Caller, parameters: Parameters[ThemeQuery]) -> ThemeCollection:
    """List themes: all for the operator's staff, for others those of their organizations."""
    return collection(KIND, await queries.list_(session, principal, parameters), lambda row: row)


@post(PATH, operation_id="createOrganizationTheme", permission=SUPPORT, tags=TAGS)
async def create(session: Session, principal: Caller, data: JSONBody[NewThemeDocument]) -> ThemeDocument:
    """Make a theme: a domain, which no other theme has, and a support address."""
    theme_id = await commands.create(session, principal, data.data.attributes)
    return document(KIND, theme_id, await queries.read(session, principal, theme_id))


@get(ONE, operation_id="readOrganizationTheme", permission=ORGANIZATION_READ, tags=TAGS)
async def read(session: Session, principal: Caller, theme_id: FromPath[UUID]) -> ThemeDocument:
    """Read a theme."""
    return document(KIND, theme_id, await queries.read(session, principal, theme_id))


@patch(ONE, operation_id="updateOrganizationTheme", permission=SUPPORT, tags=TAGS)
async def update(
    session: Session, principal: Caller, theme_id: FromPath[UUID], data: JSONBody[ChangeThemeDocument]
) -> ThemeDocument:
    """Change a theme. One that is not active stays with those who use it, and is given to no more."""
    await commands.update(session, principal, theme_id, data.attributes_for(theme_id))
    return document(KIND, theme_id, await queries.read(session, principal, theme_id))


@delete(ONE, operation_id="deleteOrganizationTheme", permission=SUPPORT, tags=TAGS)
async def delete_(session: Session, theme_id: FromPath[UUID]) -> None:
    """Remove a theme that no organization uses; 409 `in-use` otherwise."""
    await commands.delete(session, theme_id)


ROUTES = [list_, create, read, update, delete_]
