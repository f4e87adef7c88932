"""Orders to one service."""

from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import NewDocument


class SystemPurge(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What one service is to erase: the step `reference-id` of the deletion request `request-id`."""

    entity_type: Literal["individual", "user"]
    entity_id: UUID
    reference_id: UUID
    request_id: UUID
    archive: bool = False


SystemPurgeDocument = NewDocument[Literal["system-purges"], SystemPurge]
