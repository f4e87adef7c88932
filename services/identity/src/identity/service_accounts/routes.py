"""`/v1/service-accounts/`: machines of organizations."""

from uuid import UUID

from chassis.arguments import Caller, FromPath, JSONBody, Parameters, Process, Session
from contracts.permissions import AUTHENTICATED
from jsonapi import collection, delete, document, get, patch, post

from identity.parts import parts_of
from identity.service_accounts import commands, queries
from identity.service_accounts.schemas import (
    KIND,
    ChangedServiceAccount,
    NewServiceAccount,
    Nothing,
    ServiceAccountCollection,
    ServiceAccountDocument,
    ServiceAccountsQuery,
)

PATH = "/v1/service-accounts"
ONE = f"{PATH}/{{account_id:uuid}}"


@get(PATH, operation_id="listServiceAccounts", permission=AUTHENTICATED, query=ServiceAccountsQuery)
async def list_(
    session: Session, principal: Caller, parameters: Parameters[ServiceAccountsQuery]
) -> ServiceAccountCollection:
    """List the service accounts of organizations that one administers, the newest first."""
    found = await queries.list_(session, principal, parameters)
    known = await queries.described(session, found.rows)
    return collection(KIND, found, lambda row: (row.id, known[row.id]))


@post(PATH, operation_id="createServiceAccount", permission=AUTHENTICATED, in_person=True)
async def create(session: Session, principal: Caller, data: JSONBody[NewServiceAccount]) -> ServiceAccountDocument:
    """Make a service account of an organization that one administers. It takes a recent sign-in.

    It is a member of the staff; roles are given with `POST /v1/role-users/`. It has API keys (`POST /v1/api-keys/` with
    `service-account-id`), which are also its secrets for the token endpoint's client credentials.
    """
    row = await commands.create(session, principal, data.data.attributes)
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@get(ONE, operation_id="readServiceAccount", permission=AUTHENTICATED)
async def read(session: Session, principal: Caller, account_id: FromPath[UUID]) -> ServiceAccountDocument:
    """Read a service account."""
    row = await queries.read(session, principal, account_id)
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@patch(ONE, operation_id="updateServiceAccount", permission=AUTHENTICATED, in_person=True)
async def update(
    session: Session, principal: Caller, account_id: FromPath[UUID], data: JSONBody[ChangedServiceAccount]
) -> ServiceAccountDocument:
    """Change a service account's name, description, and whether it may act for users. It takes a recent sign-in."""
    row = await commands.update(session, principal, account_id, data.attributes_for(account_id))
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@post(f"{ONE}/enable", operation_id="enableServiceAccount", permission=AUTHENTICATED, in_person=True)
async def enable(
    session: Session,
    principal: Caller,
    account_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> ServiceAccountDocument:
    """Let a disabled service account's keys count again."""
    row = await commands.enable(session, principal, account_id)
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@post(f"{ONE}/disable", operation_id="disableServiceAccount", permission=AUTHENTICATED)
async def disable(
    session: Session,
    runtime: Process,
    principal: Caller,
    account_id: FromPath[UUID],
    data: JSONBody[Nothing | None] = None,  # noqa: ARG001 decoded to refuse other members
) -> ServiceAccountDocument:
    """Disable a service account: its keys, its tokens and what it does in users' names end at once."""
    row = await commands.disable(session, parts_of(runtime), principal, account_id)
    return document(KIND, row.id, (await queries.described(session, [row]))[row.id])


@delete(ONE, operation_id="deleteServiceAccount", permission=AUTHENTICATED)
async def delete_(session: Session, runtime: Process, principal: Caller, account_id: FromPath[UUID]) -> None:
    """Remove a service account and its keys; it leaves the organization. Its name is free again."""
    await commands.delete(session, parts_of(runtime), principal, account_id)


ROUTES = [list_, create, read, update, enable, disable, delete_]
