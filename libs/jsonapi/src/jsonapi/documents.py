"""JSON:API documents as generic Structs (JSON:API 1.1, section 7).

Use them through aliases: `GroupDocument = Document[Literal["individual-groups"], GroupAttributes]`.
"""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from kernel import Invalid, Slice

Kind = TypeVar("Kind", bound=str)
Attributes = TypeVar("Attributes")
Row = TypeVar("Row")


class Resource(msgspec.Struct, Generic[Kind, Attributes]):
    """One resource that goes out."""

    id: str
    type: Kind
    attributes: Attributes


class NumberedResource(msgspec.Struct, Generic[Kind, Attributes]):
    """One resource whose id is an integer."""

    id: int
    type: Kind
    attributes: Attributes


class PageMeta(msgspec.Struct, omit_defaults=False):
    """Which page of a list this is, and how many rows the list has."""

    limit: int = msgspec.field(name="page[limit]")
    offset: int = msgspec.field(name="page[offset]")
    total: int = msgspec.field(name="page[total]")


class Document(msgspec.Struct, Generic[Kind, Attributes]):
    """One resource and its meta."""

    data: Resource[Kind, Attributes]
    meta: dict[str, Any] = msgspec.field(default_factory=dict)


class Collection(msgspec.Struct, Generic[Kind, Attributes]):
    """One page of resources."""

    data: list[Resource[Kind, Attributes]]
    meta: PageMeta


class NumberedDocument(msgspec.Struct, Generic[Kind, Attributes]):
    """One resource whose id is an integer, and its meta."""

    data: NumberedResource[Kind, Attributes]
    meta: dict[str, Any] = msgspec.field(default_factory=dict)


class NumberedCollection(msgspec.Struct, Generic[Kind, Attributes]):
    """One page of resources whose ids are integers."""

    data: list[NumberedResource[Kind, Attributes]]
    meta: PageMeta


class NewResource(msgspec.Struct, Generic[Kind, Attributes], forbid_unknown_fields=True):
    """A resource to be made. A client may not choose its id."""

    type: Kind
    attributes: Attributes


class NewDocument(msgspec.Struct, Generic[Kind, Attributes], forbid_unknown_fields=True):
    """What a client sends to make a resource, or to act on one."""

    data: NewResource[Kind, Attributes]
    meta: dict[str, Any] = msgspec.field(default_factory=dict)


class ChangedResource(msgspec.Struct, Generic[Kind, Attributes], forbid_unknown_fields=True):
    """A resource to be changed."""

    id: str
    type: Kind
    attributes: Attributes


class ChangeDocument(msgspec.Struct, Generic[Kind, Attributes], forbid_unknown_fields=True):
    """What a client sends to change a resource."""

    data: ChangedResource[Kind, Attributes]
    meta: dict[str, Any] = msgspec.field(default_factory=dict)

    def attributes_for(self, identifier: UUID | str) -> Attributes:
        """The attributes, if the document is about the resource of the path. Raises Invalid otherwise."""
        if self.data.id != str(identifier):
            raise Invalid("The document's id is not the one of the path.", pointer="/data/id")
        return self.data.attributes


def document(kind: str, identifier: UUID | str, attributes: Any) -> Any:
    """A document of one resource."""
    return Document(Resource(str(identifier), kind, attributes))


def collection(kind: str, rows: Slice[Row], of: Callable[[Row], tuple[UUID | str, Any]]) -> Any:
    """A page of resources; `of` gives a row's id and attributes."""
    return Collection(resources(kind, rows.rows, of), PageMeta(rows.page.limit, rows.page.offset, rows.total))


def resources(kind: str, rows: Iterable[Row], of: Callable[[Row], tuple[UUID | str, Any]]) -> list[Any]:
    """Resources of rows."""
    return [Resource(str(identifier), kind, attributes) for identifier, attributes in map(of, rows)]
