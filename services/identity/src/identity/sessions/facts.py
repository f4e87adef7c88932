"""What tokens and answers say of a person, read in one statement together with the time of the reading."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from kernel import NotFound
from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.sessions.schemas import LoginInfo, Reference
from identity.zones import DEFAULT_LOCALE, DEFAULT_ZONE

FACTS = """
    SELECT clock_timestamp() AS at, u.id AS user_id, u.username, u.email, u.email_verified, u.first_name, u.last_name,
           u.locale, u.tz, u.primary_individual_id, u.default_organization_id,
           ARRAY(SELECT o.organization_id FROM user_organizations o WHERE o.user_id = u.id
                  ORDER BY o.created_at, o.organization_id) AS organizations,
           ARRAY(SELECT coalesce(r.organization_id::text, '') || ' ' || r.name FROM user_roles r WHERE r.user_id = u.id
                  UNION
                 SELECT o.organization_id::text || ' ' || o.role FROM user_organizations o
                  WHERE o.user_id = u.id AND o.role IS NOT NULL
                  ORDER BY 1) AS roles
      FROM users u WHERE u.id = :user_id
"""
READ = text(FACTS)


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A person at a moment of the database's clock. `roles` are pairs of an organization (or none) and a name."""

    at: datetime
    user_id: UUID
    username: str
    email: str | None
    email_verified: bool
    first_name: str | None
    last_name: str | None
    locale: str | None
    tz: str | None
    primary_individual_id: UUID | None
    default_organization_id: UUID | None
    organizations: list[UUID]
    roles: list[tuple[UUID | None, str]]

    def organization(self, wanted: UUID | None) -> UUID | None:
        """The organization to work for: the wanted one, the default one, the oldest, while the person belongs there."""
        for candidate in (wanted, self.default_organization_id):
            if candidate in self.organizations:
                return candidate
        return self.organizations[0] if self.organizations else None

    def roles_in(self, organization_id: UUID | None) -> tuple[str, ...]:
        """The names of the person's system roles and of the roles in an organization that they belong to."""
        known = {None, organization_id} if organization_id in self.organizations else {None}
        return tuple(sorted({name for organization, name in self.roles if organization in known}))


async def read(session: AsyncSession, user_id: UUID) -> Facts:
    """The facts of a person. Raises NotFound."""
    row = (await session.execute(READ, {"user_id": user_id})).mappings().first()
    if row is None:
        raise NotFound
    return of_row(row)


def of_row(row: RowMapping) -> Facts:
    """The facts that a row of `FACTS` holds, whatever else it holds."""
    roles = [pair.partition(" ") for pair in row["roles"]]
    known: dict[str, Any] = {name: row[name] for name in Facts.__struct_fields__}
    known["roles"] = [(UUID(where) if where else None, name) for where, _, name in roles]
    return Facts(**known)


def info(facts: Facts, session_id: UUID, organization_id: UUID | None, kind: type[Any] = LoginInfo) -> Any:
    """The facts as an answer shows them."""
    return kind(
        user_id=facts.user_id,
        username=facts.username,
        email=facts.email,
        first_name=facts.first_name,
        last_name=facts.last_name,
        locale=facts.locale or DEFAULT_LOCALE,
        locale_explicit=facts.locale is not None,
        tz=facts.tz or DEFAULT_ZONE,
        tz_explicit=facts.tz is not None,
        session_id=session_id,
        individual=Reference(facts.primary_individual_id) if facts.primary_individual_id else None,
        organization_id=organization_id,
        organizations=facts.organizations,
        multi_organization=len(facts.organizations) > 1,
        impersonated_by=None,
    )


def person(facts: Facts) -> dict[str, Any]:
    """The facts as claims of an id token (OpenID Connect Core, section 5.1)."""
    return {
        "email": facts.email,
        "email_verified": facts.email_verified,
        "preferred_username": facts.username,
        "given_name": facts.first_name,
        "family_name": facts.last_name,
        "name": " ".join(name for name in (facts.first_name, facts.last_name) if name) or None,
        "locale": (facts.locale or DEFAULT_LOCALE).replace("_", "-"),
        "zoneinfo": facts.tz,
    }
