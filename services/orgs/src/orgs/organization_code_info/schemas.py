"""What anybody may know of a sign-up code."""

from typing import Any, Literal

import msgspec
from jsonapi import Document

KIND = "organization-code-info"


class PublicOrganization(msgspec.Struct, rename="kebab"):
    """An organization's public face."""

    name: str
    display_name: str
    logo_url: str | None


class CodeInfoAttributes(msgspec.Struct, rename="kebab"):
    """Whose code it is, and what a sign-up by it has to answer."""

    organization: PublicOrganization
    enrollment_schema: dict[str, Any] | None


CodeInfoDocument = Document[Literal["organization-code-info"], CodeInfoAttributes]
