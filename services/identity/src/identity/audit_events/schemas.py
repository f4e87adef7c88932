"""The audit trail as documents."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Comparators, Document, Paged, Text

KIND = "audit-events"
Actions = Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=50)]
Sort = Annotated[list[Literal["time", "-time"]], msgspec.Meta(max_length=1)]


class AuditEventAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """One act. `number` counts the acts of an organization, or of none, without a gap; the newest may still lack it.

    `actor` is a user's id, `service:` and a name, `anonymous`, `platform`, or `erased`; `user-id` is whom it concerned.
    """

    number: int | None
    time: datetime
    actor: str
    impersonator_id: UUID | None
    action: str
    user_id: UUID | None
    organization_id: UUID | None
    target: str | None
    details: dict[str, Any] | None


class Filters(Paged, kw_only=True):
    """Which acts. An organization's administrators name the organization; the operator need not."""

    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    actor: Annotated[Text | None, msgspec.Meta(description="Who acted, in person or in another's name.")] = (
        msgspec.field(name="filter[actor]", default=None)
    )
    user_id: UUID | None = msgspec.field(name="filter[user-id]", default=None)
    impersonator_id: UUID | None = msgspec.field(name="filter[impersonator-id]", default=None)
    action: Actions | None = msgspec.field(name="filter[action]", default=None)
    target: Text | None = msgspec.field(name="filter[target]", default=None)
    time: Comparators | None = msgspec.field(name="filter[cmp-time]", default=None)


class AuditEventsQuery(Filters, kw_only=True):
    """Which acts, the newest first unless `sort-by` says otherwise."""

    sort_by: Sort = msgspec.field(name="sort-by", default_factory=lambda: ["-time"])


class ExportQuery(Filters, kw_only=True):
    """Which acts, and the form of the file: the oldest first. The file has no pages."""

    format: Literal["csv", "ndjson"] = "csv"


AuditEventDocument = Document[Literal["audit-events"], AuditEventAttributes]
AuditEventCollection = Collection[Literal["audit-events"], AuditEventAttributes]
