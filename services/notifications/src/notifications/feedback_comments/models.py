"""What people typed."""

from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from notifications.tables import Base


class FeedbackComment(Base, Keyed, Timestamps):
    """A comment on a page; `email` is the writer's address at that moment."""

    __tablename__ = "feedback_comments"
    __table_args__ = (
        Index("ix_feedback_comments_created_by", "created_by", "created_at"),
        Index("ix_feedback_comments_organization", "organization_id", text("id DESC")),
    )

    created_by: Mapped[UUID]
    organization_id: Mapped[UUID | None]
    individual_id: Mapped[UUID | None]
    email: Mapped[str | None]
    comment: Mapped[str]
    current_page: Mapped[str]
