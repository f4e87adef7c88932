"""Enrollment data against an organization code's JSON Schema.

Patterns run in linear time (RE2), references to other documents are not followed.
"""

from collections.abc import Iterator
from typing import Any

import msgspec
import re2
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.validators import extend
from kernel import DomainError, Invalid, Problems
from referencing import Registry
from referencing.exceptions import Unresolvable

from identity.usernames import storable

POINTER = "/enrollment-data"
LONGEST = 32 * 1024
MOST_PROBLEMS = 20


def _pattern(_: Any, pattern: str, instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str) and re2.search(pattern, instance) is None:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: dict[str, Any], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        for pattern, part in patterns.items():
            for name, value in instance.items():
                if re2.search(pattern, name) is not None:
                    yield from validator.descend(value, part, path=name, schema_path=pattern)


Checked: Any = extend(Draft202012Validator, {"pattern": _pattern, "patternProperties": _pattern_properties})


def check(data: dict[str, Any] | None, schema: dict[str, Any] | None) -> None:
    """Raise Problems that name each wrong member; nothing is wrong where the code has no schema."""
    if data is not None and (not storable(data) or len(msgspec.json.encode(data)) > LONGEST):
        raise Invalid("Enrollment data are too long, nested too deep, or hold NUL characters.", pointer=POINTER)
    if not schema:
        return
    try:
        found = Checked(schema, registry=Registry()).iter_errors({} if data is None else data)
        problems: list[DomainError] = [_problem(error) for _, error in zip(range(MOST_PROBLEMS), found, strict=False)]
    except (SchemaError, Unresolvable, re2.error) as error:
        raise Invalid("The organization code's schema cannot be used.", pointer="/organization-code") from error
    if problems:
        raise Problems(problems)


def _problem(error: ValidationError) -> Invalid:
    path = "".join(f"/{part}" for part in error.absolute_path)
    return Invalid(f"{error.message}.", pointer=POINTER + path, code="enrollment-data")
