"""Query parameters as one Struct a list: `page[limit]`, `filter[text]`, repeated and plural ones.

A field's encoded name is the parameter's name. Lists take a repeated parameter. Nothing else is accepted.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, get_args, get_origin

import msgspec
from kernel import Invalid, Page, Problems
from litestar import Request

MAXIMUM_OFFSET = 10_000_000
TIME_COMPARATOR = 40

Text = Annotated[str, msgspec.Meta(max_length=255, pattern=r"^[^\x00]*$")]
"""A text to search by. PostgreSQL holds no NUL, so nothing could match one."""
Comparators = Annotated[list[Annotated[str, msgspec.Meta(max_length=TIME_COMPARATOR)]], msgspec.Meta(max_length=2)]


class Query(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The parameters of one operation."""


class Paged(Query, kw_only=True):
    """The parameters of a list."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = msgspec.field(name="page[limit]", default=100)
    offset: Annotated[int, msgspec.Meta(ge=0, le=MAXIMUM_OFFSET)] = msgspec.field(name="page[offset]", default=0)

    @property
    def page(self) -> Page:
        """The page that is asked for."""
        return Page(self.limit, self.offset)


def reader(kind: type[Query]) -> Callable[[Request[Any, Any, Any]], Any]:
    """A dependency that reads `kind` from a request. Raises Problems naming each parameter that is wrong."""
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    lists = {name for name, field in fields.items() if _is_list(field.type)}
    closed = kind.__struct_config__.forbid_unknown_fields

    def read(request: Request[Any, Any, Any]) -> Any:
        if not request.scope["query_string"]:
            values: dict[str, Any] = {}
        else:
            values = {}
            for name, value in request.query_params.multi_items():
                if name in lists:
                    values.setdefault(name, []).append(value)
                else:
                    values[name] = value
        try:
            return msgspec.convert(values, kind, strict=False)
        except msgspec.ValidationError:
            raise Problems(_problems(values, fields, closed=closed)) from None

    return read


def comparators(values: list[str] | None, parameter: str) -> list[tuple[str, datetime]]:
    """Comparators and times of `filter[cmp-…]`, such as `>=2026-01-01T00:00:00Z`. A time without a zone is in UTC."""
    found: list[tuple[str, datetime]] = []
    for value in values or ():
        sign = next((sign for sign in (">=", "<=", ">", "<") if value.startswith(sign)), None)
        try:
            if sign is None:
                raise ValueError("no comparator")
            time = datetime.fromisoformat(value.removeprefix(sign).strip().replace(" ", "+"))
        except ValueError:
            raise Invalid("Give a comparator (<, <=, >, >=) and an RFC 3339 time.", parameter=parameter) from None
        found.append((sign, time if time.tzinfo else time.replace(tzinfo=UTC)))
    return found


def _is_list(annotation: Any) -> bool:
    if get_origin(annotation) is list:
        return True
    return any(_is_list(part) for part in get_args(annotation))


def _problems(values: dict[str, Any], fields: dict[str, Any], *, closed: bool) -> list[Any]:
    found: list[Any] = []
    for name, value in values.items():
        if name not in fields and not closed:
            continue
        if name not in fields:
            found.append(Invalid("There is no such parameter.", parameter=name, code="unknown-parameter"))
            continue
        try:
            msgspec.convert(value, fields[name].type, strict=False)
        except msgspec.ValidationError as error:
            found.append(Invalid(str(error), parameter=name))
    found += [
        Invalid("The parameter is required.", parameter=name, code="required")
        for name, field in fields.items()
        if field.required and name not in values
    ]
    return found
