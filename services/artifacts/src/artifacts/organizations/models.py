"""Organizations and the numbers that are given out in them."""

from uuid import UUID

from database import Timestamps
from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from artifacts.tables import Base


class Organization(Base, Timestamps):
    """A tenant, as orgs announced it. `number` is its integer in the projects dialect, `timezone` an IANA name."""

    __tablename__ = "organizations"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, unique=True)
    name: Mapped[str]
    display_name: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="true")
    timezone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")


class Counter(Base):
    """The last integer that was given to a cohort or profile of an organization."""

    __tablename__ = "counters"

    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger)
