"""Anonymous accesses as documents, and what goes through them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Document, NewDocument
from msgspec import UNSET, UnsetType

KIND = "anonymous-accesses"
Method = Literal["delete", "get", "patch", "post"]
Service = Literal["artifacts", "authz", "identity", "notifications", "orgs"]
Path = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Scalar = str | int | float | bool
Parameters = Annotated[dict[str, Scalar | list[Scalar]], msgspec.Meta(max_length=50)]


class Endpoint(msgspec.Struct, forbid_unknown_fields=True):
    """One operation: exactly this method and path of this service."""

    method: Method
    path: Path
    service: Service


Endpoints = Annotated[list[Endpoint], msgspec.Meta(min_length=1, max_length=20)]


class AnonymousAccessAttributes(msgspec.Struct, rename="kebab", kw_only=True):
    """A link for one user. Its id is the link: who has it may do what is allowed, until it expires."""

    user_id: UUID
    allowed_endpoints: list[Endpoint]
    expired_at: datetime
    created_at: datetime
    last_modified_at: datetime


class NewAnonymousAccessAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """For whom, until when, and what for."""

    user_id: UUID
    allowed_endpoints: Endpoints
    expired_at: datetime


class ChangedAnonymousAccessAttributes(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """What changes. A time that has passed ends the link."""

    allowed_endpoints: Endpoints | UnsetType = UNSET
    expired_at: datetime | UnsetType = UNSET


class ProxiedCall(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One call: a path and method that the link allows; query parameters and a body where the operation has them."""

    endpoint: Path
    method: Method
    json: dict[str, Any] | None = None
    params: Parameters | None = None


class ProxiedAnswer(msgspec.Struct, rename="kebab", kw_only=True):
    """What the operation answered; `json` is null where it answered none."""

    status_code: int
    json: Any


AnonymousAccessDocument = Document[Literal["anonymous-accesses"], AnonymousAccessAttributes]
NewAnonymousAccess = NewDocument[Literal["anonymous-accesses"], NewAnonymousAccessAttributes]
ChangedAnonymousAccess = ChangeDocument[Literal["anonymous-accesses"], ChangedAnonymousAccessAttributes]
