"""JSON:API documents, parameters and errors for Litestar."""

from jsonapi.bodies import StrictBody
from jsonapi.documents import (
    ChangeDocument,
    Collection,
    Document,
    NewDocument,
    NumberedCollection,
    NumberedDocument,
    NumberedResource,
    PageMeta,
    Resource,
    collection,
    document,
)
from jsonapi.errors import ErrorDocument, error_document
from jsonapi.query import Comparators, Paged, Query, Text, comparators
from jsonapi.routing import answer, delete, get, patch, post, put

__all__ = [
    "ChangeDocument",
    "Collection",
    "Comparators",
    "Document",
    "ErrorDocument",
    "NewDocument",
    "NumberedCollection",
    "NumberedDocument",
    "NumberedResource",
    "PageMeta",
    "Paged",
    "Query",
    "Resource",
    "StrictBody",
    "Text",
    "answer",
    "collection",
    "comparators",
    "delete",
    "document",
    "error_document",
    "get",
    "patch",
    "post",
    "put",
]
