"""Types that several v5 pages name."""

from typing import Annotated
from uuid import UUID

import msgspec

LONGEST_SEARCH = 200
LARGEST_PAGE = 1000
LARGEST_OFFSET = 10_000_000
MOST_ITEMS = 10_000
MOST_IDS = 10_000

Plain = r"\A[^\x00]*\Z"
"""PostgreSQL's text holds every character but NUL."""

Search = Annotated[str, msgspec.Meta(max_length=LONGEST_SEARCH, pattern=Plain)]
Text = Annotated[str, msgspec.Meta(max_length=400, pattern=Plain)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=400, pattern=Plain)]
Description = Annotated[str, msgspec.Meta(max_length=1000, pattern=Plain)]
Ids = Annotated[list[UUID], msgspec.Meta(max_length=MOST_IDS)]
Names = Annotated[list[Name], msgspec.Meta(max_length=MOST_IDS)]
PageSize = Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)]
PageOffset = Annotated[int, msgspec.Meta(ge=0, le=LARGEST_OFFSET)]


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with a field."""

    field: str
    message: str


class Result(msgspec.Struct, kw_only=True):
    """What became of something; who inherits says of what."""

    success: bool
    message: str


class ItemResult(Result, kw_only=True):
    """What became of an item, and what is wrong with it."""

    errors: list[FieldError]


class ListFilterOption(msgspec.Struct, frozen=True, kw_only=True):
    """A choice of a filter; `count` is how many rows there are with it under the other filters."""

    id: str
    name: str
    count: int
    hex_code: str | None = None
    value: str | None = None
    type: str | None = None


class ListFilterSection(msgspec.Struct, frozen=True):
    """A filter of a list: what can be chosen, what is, and the text that the choices were searched by."""

    options: list[ListFilterOption]
    selected_ids: list[str]
    search: str


class Choosable(msgspec.Struct, frozen=True, kw_only=True):
    """Marks of a thing that can be chosen."""

    generated: bool = False
    suggested: bool = False
    selected: bool = False
    pending: bool = False


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a form."""

    show: bool = True
    required: bool = False
    errors: list[FieldError] = msgspec.field(default_factory=list[FieldError])


class ExportResult(msgspec.Struct, kw_only=True):
    """Where the file is: `/api/v5/uploads/{upload_id}`, for a day."""

    upload_id: UUID
    file_name: str
    row_count: int


class RefreshResult(msgspec.Struct, kw_only=True):
    """What was computed again, and the tags of what was dropped from the process's cache."""

    success: bool
    refreshed_views: list[str]
    invalidated_tags: list[str]
