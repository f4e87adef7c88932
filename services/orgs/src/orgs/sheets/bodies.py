"""A CSV file as the body of a request."""

from typing import Annotated, Any

from jsonapi import StrictBody
from litestar.openapi.spec import Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType
from litestar.params import Body
from litestar.typing import FieldDefinition

CSVContent = Annotated[bytes, Body(media_type="text/csv")]


class CSVBody(StrictBody):
    """Takes the body as it came."""

    def decode_bytes(self, value: bytes) -> Any:
        """The file."""
        return value

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        """A file."""
        _ = field_definition, handler_id, schema_creator
        return Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
