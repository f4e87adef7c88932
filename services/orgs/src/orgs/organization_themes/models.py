"""What organizations look like to the people who come to them."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy.orm import Mapped, mapped_column

from orgs.tables import Table


class Theme(Keyed, Timestamps, Table):
    """A domain, in lower case, and the support address of the organizations that use the theme."""

    __tablename__ = "organization_themes"

    domain: Mapped[str] = mapped_column(unique=True)
    support_email: Mapped[str | None]
    support_email_name: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(server_default="true")
    created_by: Mapped[UUID | None]
    updated_by: Mapped[UUID | None]
