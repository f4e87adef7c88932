"""Shared texts."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Index, func, text
from sqlalchemy.orm import Mapped

from artifacts.tables import Base


class Text(Base, Keyed, Timestamps):
    """A name or description, once for each kind and organization."""

    __tablename__ = "texts"

    organization_id: Mapped[UUID]
    kind: Mapped[str]
    value: Mapped[str]


Index("uq_texts_value", Text.organization_id, Text.kind, func.md5(Text.value), unique=True)
Index("ix_texts_sorted", Text.organization_id, Text.kind, text("left(value, 200)"), Text.id)
