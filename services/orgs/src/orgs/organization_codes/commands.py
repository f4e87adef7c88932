"""Changing organization codes, and what follows when somebody has come by one."""

import secrets
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from contracts.orgs import OrganizationCodeCreated, OrganizationCodeDeleted, OrganizationCodeUpdated
from kernel import Conflict, Invalid, NotFound, now
from messaging import publish
from msgspec import UNSET
from sqlalchemy import func, text
from sqlalchemy import update as sql_update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.queries import require_organization
from orgs.individual_groups.queries import facts
from orgs.organization_codes.enrollment import check_schema
from orgs.organization_codes.models import OrganizationCode, OrganizationCodeUser
from orgs.organization_codes.queries import require
from orgs.organization_codes.schemas import CodeChanges, NewCode

BODY = "/data/attributes"
ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
LENGTH = 8

DELETE = text("""
DELETE FROM organization_codes WHERE code = :code AND sign_up_count = 0
   AND NOT EXISTS (SELECT FROM organization_code_users WHERE code = :code)
RETURNING code
""")
CLAIM = text("""
UPDATE organization_codes SET sign_up_count = sign_up_count + 1 WHERE code = :code RETURNING organization_id, group_id
""")


async def create(session: AsyncSession, principal: Principal, new: NewCode) -> str:
    """Make a code; the code itself. Raises Conflict where it is taken, here or in another organization."""
    await require_organization(session, principal, new.organization_id, "write", f"{BODY}/organization-id")
    if new.expires_at is not None and new.expires_at <= now():
        raise Invalid("The time is over already.", pointer=f"{BODY}/expires-at")
    await _check(session, new.organization_id, new.individual_group_id, new.enrollment_schema)
    code = new.id or "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    values = {
        "code": code,
        "organization_id": new.organization_id,
        "group_id": new.individual_group_id,
        "expires_at": new.expires_at,
        "enrollment_schema": new.enrollment_schema,
        "auto_confirm": new.auto_confirm,
        "created_by": principal.user_id,
    }
    statement = insert(OrganizationCode).values(values).on_conflict_do_nothing()
    if await session.scalar(statement.returning(OrganizationCode.code)) is None:
        raise Conflict("The code is taken.", pointer=f"{BODY}/id")
    await publish(session, OrganizationCodeCreated(code=code, organization_id=new.organization_id))
    return code


async def update(session: AsyncSession, principal: Principal, code: str, changes: CodeChanges) -> None:
    """Change what is given."""
    row = await require(session, principal, code, "write")
    values: dict[str, Any] = {
        name: value for name, value in msgspec.structs.asdict(changes).items() if value is not UNSET
    }
    await _check(session, row.organization_id, values.get("individual_group_id"), values.get("enrollment_schema"))
    if "individual_group_id" in values:
        values["group_id"] = values.pop("individual_group_id")
    if values:
        statement = sql_update(OrganizationCode).where(OrganizationCode.code == code)
        await session.execute(statement.values(**values, updated_at=func.clock_timestamp()))
        await publish(session, OrganizationCodeUpdated(code=code, organization_id=row.organization_id))


async def delete(session: AsyncSession, principal: Principal, code: str) -> None:
    """Remove a code by which nobody has come. Raises NotFound, Forbidden, or Conflict."""
    row = await require(session, principal, code, "write")
    if (await session.execute(DELETE, {"code": code})).first() is None:
        raise Conflict("People have come by the code; let it expire instead.", code="in-use")
    await publish(session, OrganizationCodeDeleted(code=code, organization_id=row.organization_id))


async def claim(session: AsyncSession, code: str, user_id: UUID) -> Any:
    """Count a person who came by a code; its organization and group, or None where there is no such code."""
    statement = insert(OrganizationCodeUser).values(code=code, user_id=user_id).on_conflict_do_nothing()
    row = (await session.execute(CLAIM, {"code": code})).first()
    if row is not None:
        await session.execute(statement)
    return row


async def _check(
    session: AsyncSession, organization_id: UUID, group_id: UUID | None, schema: dict[str, Any] | None
) -> None:
    check_schema(schema, f"{BODY}/enrollment-schema")
    if group_id is None:
        return
    group = await facts(session, group_id)
    if group is None or group.organization_id != organization_id:
        raise NotFound("There is no such group.", pointer=f"{BODY}/individual-group-id")
    if group.type != "regular":
        raise Invalid("People come to regular groups only.", pointer=f"{BODY}/individual-group-id")
