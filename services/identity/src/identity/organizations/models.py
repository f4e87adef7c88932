"""Organizations as orgs tells of them."""

from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class Organization(Base):
    """An organization's names."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    display_name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True)
