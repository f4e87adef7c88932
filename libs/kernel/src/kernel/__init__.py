"""Errors, identifiers, clock, pages and settings that every part of Muster shares."""

from kernel.clock import now, rfc3339
from kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InsufficientAuthentication,
    Invalid,
    NotFound,
    Problems,
    TooManyRequests,
    Unauthorized,
    Unavailable,
    Unprocessable,
)
from kernel.identifiers import parse_prefixed_ulid, prefixed_ulid, uuid7
from kernel.pages import Page, Slice
from kernel.settings import SettingsError, load

__all__ = [
    "Conflict",
    "DomainError",
    "Forbidden",
    "InsufficientAuthentication",
    "Invalid",
    "NotFound",
    "Page",
    "Problems",
    "SettingsError",
    "Slice",
    "TooManyRequests",
    "Unauthorized",
    "Unavailable",
    "Unprocessable",
    "load",
    "now",
    "parse_prefixed_ulid",
    "prefixed_ulid",
    "rfc3339",
    "uuid7",
]
