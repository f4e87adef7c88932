"""What goes out."""

from datetime import datetime
from typing import Literal

import msgspec
from jsonapi import Document


class UserStatusAttributes(msgspec.Struct, rename="kebab"):
    """How fresh the index is for one user."""

    last_populated_at: datetime
    latest_event_at: datetime | None
    up_to_date: bool


UserStatusDocument = Document[Literal["authz-user-status"], UserStatusAttributes]
