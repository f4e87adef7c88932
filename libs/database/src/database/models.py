"""What every table is made from."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from kernel import uuid7
from sqlalchemy import ARRAY, MetaData, Text, Uuid, func
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

TYPES: dict[Any, Any] = {
    str: Text(),
    UUID: Uuid(),
    datetime: TIMESTAMP(timezone=True),
    dict[str, Any]: JSONB(none_as_null=True),
    list[str]: ARRAY(Text()),
    list[UUID]: ARRAY(Uuid()),
}


class Base(DeclarativeBase):
    """Declarative base with named constraints. Each service derives one of its own: `class Base(database.Base)`."""

    __abstract__ = True
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Keyed:
    """A time-ordered UUID as the key."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)


class Timestamps:
    """When the row was made and last written, by the database's clock."""

    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.clock_timestamp())
