"""How the v5 dialect describes an artifact."""

from typing import Any
from uuid import UUID

import msgspec


class GetDocs(msgspec.Struct, forbid_unknown_fields=True):
    """With an entity, the permissions say what the caller may do with it."""

    entity_id: UUID | None = None


class ParamInfo(msgspec.Struct, kw_only=True):
    """A parameter."""

    name: str
    type: str
    required: bool
    default: Any = None


class OperationInfo(msgspec.Struct, kw_only=True):
    """Something that can be done."""

    name: str
    description: str
    params: list[ParamInfo]
    returns: dict[str, Any]


class ColumnInfo(msgspec.Struct, kw_only=True):
    """A column of a table or view."""

    name: str
    type: str
    nullable: bool


class TableInfo(msgspec.Struct, kw_only=True):
    """A table."""

    name: str
    columns: list[ColumnInfo]


class MvInfo(msgspec.Struct, kw_only=True):
    """A view whose rows are kept."""

    name: str
    definition: str
    columns: list[ColumnInfo]


class DocsResponse(msgspec.Struct, kw_only=True):
    """A part of an artifact: its tables and what can be done with it."""

    name: str
    type: str
    description: str
    materialized_view: MvInfo | None = None
    tables: list[TableInfo]
    operations: list[OperationInfo]


class PageInfo(msgspec.Struct, kw_only=True):
    """What a page is called."""

    title: str
    description: str


class DocsApiResponse(msgspec.Struct, kw_only=True):
    """What the pages of an artifact are called."""

    list: PageInfo
    detail: PageInfo
    new: PageInfo


class Docs(msgspec.Struct, kw_only=True):
    """An artifact, composed from the code that runs."""

    name: str
    type: str
    description: str
    artifact: DocsResponse | None
    entries: list[DocsResponse]
    resources: list[DocsResponse]
    permissions: list[OperationInfo]
    api_operations: list[OperationInfo]
    page_metadata: DocsApiResponse | None
