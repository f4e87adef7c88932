"""What an enrollment schema may be: JSON Schema 2020-12, of bounded size, without references to elsewhere."""

from typing import Any

import msgspec
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from kernel import Invalid

LARGEST = 64 * 1024
DEEPEST = 32


def check_schema(schema: dict[str, Any] | None, pointer: str) -> None:
    """Raise Invalid where `schema` is not one that sign-ups can be held against."""
    if schema is None:
        return
    if len(msgspec.json.encode(schema)) > LARGEST:
        raise Invalid(f"The schema has more than {LARGEST} bytes.", pointer=pointer)
    _walk(schema, pointer, 0)
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = "".join(f"/{part}" for part in error.absolute_path)
        raise Invalid(f"Not a JSON Schema: {error.message[:200]}", pointer=pointer + where) from None


def _walk(node: Any, pointer: str, depth: int) -> None:
    if depth > DEEPEST:
        raise Invalid(f"The schema is nested more than {DEEPEST} deep.", pointer=pointer)
    if isinstance(node, dict):
        for name, value in node.items():
            if name in {"$ref", "$dynamicRef"} and isinstance(value, str) and not value.startswith("#"):
                raise Invalid("A reference leads out of the schema.", pointer=f"{pointer}/{name}")
            _walk(value, f"{pointer}/{name}", depth + 1)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            _walk(value, f"{pointer}/{index}", depth + 1)
