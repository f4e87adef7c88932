"""Message contents as documents."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec
from jsonapi import Document


class MessageContentAttributes(msgspec.Struct, rename="kebab"):
    """One message: to whom, in which language, of which type and with which variables."""

    type: str
    channel: str
    recipient: str
    locale: str
    variables: dict[str, str]
    user_id: UUID | None
    organization_id: UUID | None
    expires_at: datetime


MessageContentDocument = Document[Literal["message-contents"], MessageContentAttributes]
