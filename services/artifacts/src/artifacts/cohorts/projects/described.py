"""What the OpenAPI document says of a body that comes as JSON, as a form or with a file."""

from dataclasses import dataclass
from typing import Any

from litestar.openapi.spec import OpenAPIMediaType, Operation, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIFormat, OpenAPIType

TEXT, TRUTH = Schema(type=OpenAPIType.STRING), Schema(type=OpenAPIType.BOOLEAN)
OBJECT = Schema(type=OpenAPIType.OBJECT)
FIELDS: dict[str, Any] = {
    "name": Schema(type=[OpenAPIType.STRING, OpenAPIType.NULL], max_length=400),
    "description": Schema(type=OpenAPIType.STRING, max_length=1000),
    "groups": Schema(type=OpenAPIType.ARRAY, items=OBJECT, description="Conditions as there were before `filters`."),
    "deleted": TRUTH,
    "filters": Schema(type=OpenAPIType.OBJECT, properties={"properties": OBJECT}),
    "query": Schema(type=[OpenAPIType.OBJECT, OpenAPIType.NULL], description="An ActorsQuery or a HogQLQuery."),
    "is_static": TRUTH,
    "cohort_type": Schema(
        type=[OpenAPIType.STRING, OpenAPIType.NULL],
        enum=["static", "person_property", "behavioral", "realtime", "analytical", None],
    ),
    "_create_in_folder": TEXT,
    "_create_static_person_ids": Schema(
        type=OpenAPIType.ARRAY, items=Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.UUID)
    ),
}
FILE = Schema(
    type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY, description="Ids or addresses of persons, in UTF-8."
)


@dataclass
class PersonsOperation(Operation):
    """An operation that answers persons as JSON or as a file."""

    def __post_init__(self) -> None:
        """Say that there is a file, too."""
        answer: Any = (self.responses or {}).get("200")
        if answer is not None:
            answer.content = {**(answer.content or {}), "text/csv": OpenAPIMediaType(schema=TEXT)}


@dataclass
class CohortOperation(Operation):
    """An operation that takes a cohort."""

    def __post_init__(self) -> None:
        """Say what the body is."""
        given = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties=FIELDS))
        with_file = OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT, properties={**FIELDS, "csv": FILE}))
        self.request_body = RequestBody(
            content={
                "application/json": given,
                "application/x-www-form-urlencoded": given,
                "multipart/form-data": with_file,
            }
        )
