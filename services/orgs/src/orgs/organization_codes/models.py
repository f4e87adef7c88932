"""Codes by which people sign up."""

from datetime import datetime
from typing import Any
from uuid import UUID

from database import Timestamps
from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class OrganizationCode(Timestamps, Table):
    """A self-service sign-up code. `enrollment_schema` is a JSON Schema that sign-ups answer.

    `auto_confirm` lets a sign-up by it skip the confirmation.
    """

    __tablename__ = "organization_codes"
    __table_args__ = (Index(None, "organization_id", "code"), Index(None, "group_id"))

    code: Mapped[str] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(ForeignKey("organizations.id"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("individual_groups.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime | None]
    enrollment_schema: Mapped[dict[str, Any] | None]
    auto_confirm: Mapped[bool] = mapped_column(server_default="false")
    sign_up_count: Mapped[int] = mapped_column(server_default="0")
    created_by: Mapped[UUID | None]


class OrganizationCodeUser(Table):
    """Who came by a code, and when they were confirmed."""

    __tablename__ = "organization_code_users"

    code: Mapped[str] = mapped_column(ForeignKey("organization_codes.code"), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
