"""Reading sessions. A person sees their own, the operator's staff and services see all."""

from typing import Any
from uuid import UUID

from chassis.principal import Principal
from database import page_of
from kernel import Forbidden, NotFound, Slice, now
from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sessions import facts
from identity.sessions.impersonators import behind_of
from identity.sessions.models import Session
from identity.sessions.schemas import LoginInfo, SessionAttributes, SessionsQuery
from identity.users.models import User


async def list_(session: AsyncSession, principal: Principal, parameters: SessionsQuery) -> Slice[Any]:
    """The living sessions of a person, the newest first. Raises Forbidden for another person's."""
    user_id = parameters.user_id or principal.user_id
    if user_id != principal.user_id and not _sees_all(principal):
        raise Forbidden("Only the operator's staff may list another person's sessions.")
    statement = _alive().where(Session.user_id == user_id).order_by(Session.id.desc())
    return await page_of(session, statement, parameters.page)


async def read(session: AsyncSession, principal: Principal, session_id: UUID) -> Session:
    """A living session that the caller may see. Raises NotFound."""
    statement = _alive().where(Session.id == session_id)
    if not _sees_all(principal):
        statement = statement.where(Session.user_id == principal.user_id)
    row = (await session.scalars(statement)).first()
    if row is None:
        raise NotFound
    return row


async def attributes(
    session: AsyncSession, principal: Principal, row: Session, *, with_info: bool
) -> SessionAttributes:
    """A session's attributes, on demand with who is signed in."""
    shown = plain(principal, row)
    if with_info:
        who = await facts.read(session, row.user_id)
        told: LoginInfo = facts.info(who, row.id, who.organization(row.organization_id))
        told.impersonated_by = await behind_of(session, row.impersonator_id, row.impersonator_session_id)
        shown.login_info = told
    return shown


def plain(principal: Principal, row: Session) -> SessionAttributes:
    """A session's own attributes."""
    return SessionAttributes(
        user_id=row.user_id,
        created_time=row.created_at,
        last_seen_time=row.last_seen_at,
        expiration_time=row.expires_at,
        organization_id=row.organization_id,
        device=row.device,
        interactive=row.interactive,
        current=row.id == principal.session_id,
        impersonator_id=row.impersonator_id,
        service_account_id=row.service_account_id,
    )


def _alive() -> Select[Any]:
    return (
        select(Session)
        .join(User, User.id == Session.user_id)
        .where(Session.ended_at.is_(None), Session.expires_at > now(), User.state == "confirmed")
        .where(or_(User.sessions_ended_at.is_(None), Session.created_at > User.sessions_ended_at))
    )


def _sees_all(principal: Principal) -> bool:
    return principal.is_support or principal.service is not None
