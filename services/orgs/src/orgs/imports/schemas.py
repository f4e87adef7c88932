"""Imports as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import Collection, Document, Paged, Query
from msgspec import Meta

from orgs.sheets.columns import SheetKind
from orgs.tasks.schemas import Progress

KIND = "imports"
Phase = Literal["waiting", "checking", "applying", "done", "failed"]


class ImportProblem(msgspec.Struct):
    """What is wrong with the file: the line it stands in (the header is line 1), and the column if it is one."""

    line: int
    column: str | None
    code: str
    detail: str


class ImportAttributes(msgspec.Struct, rename="kebab"):
    """An import: the first 100 problems of the file, and how many there are in all."""

    kind: SheetKind
    status: Phase
    organization_id: UUID
    file_name: str | None
    dry_run: bool
    task_id: UUID
    progress: Progress
    rows: int
    created: int
    changed: int
    error_count: int
    errors: list[ImportProblem]
    created_by_id: UUID | None
    created_time: datetime
    finished_time: datetime | None


class NewImportQuery(Query, kw_only=True):
    """What the file in the body is; with `dry-run` it is only checked."""

    organization_id: UUID = msgspec.field(name="organization-id")
    kind: SheetKind
    file_name: Annotated[str, Meta(max_length=255)] | None = msgspec.field(name="file-name", default=None)
    dry_run: bool = msgspec.field(name="dry-run", default=False)


class ImportQuery(Paged, kw_only=True):
    """Parameters of the list of imports."""

    organization_id: UUID = msgspec.field(name="organization-id")


ImportDocument = Document[Literal["imports"], ImportAttributes]
ImportCollection = Collection[Literal["imports"], ImportAttributes]
