"""What a client is told of a person: by its scopes, and by the claims that it asks for one by one."""

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from identity.openid.scopes import CLAIMS
from identity.zones import DEFAULT_LOCALE

PERSON = text("""
    SELECT id, username, email, email_verified, phone, phone_verified, first_name, last_name, preferred_name,
           birth_date, gender, locale, tz, updated_at
      FROM users WHERE id = :user_id
""")
ALL = frozenset(name for names in CLAIMS.values() for name in names)


async def of(
    session: AsyncSession, user_id: UUID, scopes: list[str] | None, named: dict[str, Any] | None
) -> dict[str, Any]:
    """The claims of a person that a client may know; what is not known of them is left out."""
    wanted = {name for scope in scopes or () for name in CLAIMS.get(scope, ())} | (ALL & set(named or ()))
    if not wanted:
        return {}
    row = (await session.execute(PERSON, {"user_id": user_id})).one()
    known = {
        "name": " ".join(name for name in (row.first_name, row.last_name) if name) or None,
        "given_name": row.first_name,
        "family_name": row.last_name,
        "nickname": row.preferred_name,
        "preferred_username": row.username,
        "birthdate": row.birth_date.isoformat() if row.birth_date else None,
        "gender": row.gender,
        "locale": (row.locale or DEFAULT_LOCALE).replace("_", "-"),
        "zoneinfo": row.tz,
        "updated_at": int(row.updated_at.timestamp()),
        "email": row.email,
        "email_verified": row.email_verified if row.email else None,
        "phone_number": row.phone,
        "phone_number_verified": row.phone_verified if row.phone else None,
    }
    return {name: value for name, value in known.items() if name in wanted and value is not None}
