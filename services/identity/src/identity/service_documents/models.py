"""Terms and privacy documents, their translations, and who agreed to them."""

from datetime import datetime
from uuid import UUID

from database import Keyed, Timestamps
from sqlalchemy import ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from identity.tables import Base


class ServiceDocument(Base, Keyed, Timestamps):
    """One version of a document, of an organization or (without one) for everybody. `html` is clean.

    The newest of an organization and type counts. Once somebody has agreed to it its text stays as it is.
    """

    __tablename__ = "service_documents"
    __table_args__ = (
        Index(
            "uq_service_documents_version",
            "organization_id",
            "type",
            "version",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    organization_id: Mapped[UUID | None]
    type: Mapped[str]
    version: Mapped[str]
    locale: Mapped[str]
    title: Mapped[str]
    html: Mapped[str]
    agreement_required: Mapped[bool] = mapped_column(default=True, server_default=text("true"))


class ServiceDocumentTranslation(Base):
    """A document in another language."""

    __tablename__ = "service_document_translations"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("service_documents.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    html: Mapped[str]


class ServiceDocumentAgreement(Base):
    """A user agreed to a version of a document, when they signed up (`sign-up`) or in (`login`)."""

    __tablename__ = "service_document_agreements"
    __table_args__ = (Index("ix_service_document_agreements_document_id", "document_id"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    document_id: Mapped[UUID] = mapped_column(ForeignKey("service_documents.id"), primary_key=True)
    version: Mapped[str]
    occasion: Mapped[str]
    agreed_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())
