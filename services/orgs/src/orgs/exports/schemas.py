"""Exports as they go in and out."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, NewDocument, Paged

from orgs.sheets.columns import SheetKind
from orgs.tasks.schemas import Progress

KIND = "exports"


class ExportFile(msgspec.Struct, rename="kebab"):
    """A file of an export: it may be fetched without a credential from `url` until `url_expires_time`."""

    name: str
    rows: int
    url: str
    url_expires_time: datetime


class ExportAttributes(msgspec.Struct, rename="kebab"):
    """An export. Its files are there once it is done, and until it expires."""

    kind: SheetKind
    status: Literal["waiting", "running", "done", "failed", "removed"]
    organization_id: UUID
    task_id: UUID
    progress: Progress
    files: list[ExportFile]
    expires_time: datetime | None
    created_by_id: UUID | None
    created_time: datetime
    finished_time: datetime | None


class NewExport(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What to export."""

    organization_id: UUID
    kind: SheetKind


class ExportQuery(Paged, kw_only=True):
    """Parameters of the list of exports."""

    organization_id: UUID = msgspec.field(name="organization-id")


ExportDocument = Document[Literal["exports"], ExportAttributes]
ExportCollection = Collection[Literal["exports"], ExportAttributes]
NewExportDocument = NewDocument[Literal["exports"], NewExport]
