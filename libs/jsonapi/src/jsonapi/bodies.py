"""Bodies decoded strictly, with every problem of a body reported at once.

Litestar converts a body leniently (`"3"` becomes 3); this data transfer object replaces that step: the bytes go
through one msgspec decoder a handler, and only a body that fails is walked field by field.
"""

from collections.abc import Generator
from typing import Annotated, Any, ClassVar, get_args, get_origin

import msgspec
from kernel import DomainError, Invalid, Problems
from litestar.dto import AbstractDTO
from litestar.dto.data_structures import DTOFieldDefinition
from litestar.typing import FieldDefinition

MAXIMUM_PROBLEMS = 50


class StrictBody(AbstractDTO[Any]):
    """Decodes the `data` argument of every handler. Raises Invalid or Problems."""

    decoders: ClassVar[dict[str, msgspec.json.Decoder[Any]]] = {}

    def decode_bytes(self, value: bytes) -> Any:
        """The typed body."""
        handler = self.asgi_connection.route_handler
        decoder = handler.opt.get("decoder")
        if decoder is None:  # a handler's id is put together anew each time it is asked for
            decoder = handler.opt["decoder"] = self.decoders[handler.handler_id]
        return decoded(value, decoder)

    @classmethod
    def create_for_field_definition(
        cls, field_definition: FieldDefinition, handler_id: str, backend_cls: Any = None
    ) -> None:
        """Make the decoder of a handler's `data`; answers are encoded as they are."""
        _ = backend_cls
        if field_definition.name == "data":
            cls.decoders[handler_id] = msgspec.json.Decoder(field_definition.annotation, strict=True)

    @classmethod
    def create_openapi_schema(cls, field_definition: FieldDefinition, handler_id: str, schema_creator: Any) -> Any:
        """The schema of the type itself."""
        _ = handler_id
        return schema_creator.for_field_definition(field_definition)

    @classmethod
    def generate_field_definitions(cls, model_type: type[Any]) -> Generator[DTOFieldDefinition, None, None]:
        """Nothing: no transfer model is made."""
        _ = model_type
        yield from ()

    @classmethod
    def detect_nested_field(cls, field_definition: FieldDefinition) -> bool:
        """Nothing is nested: no transfer model is made."""
        _ = field_definition
        return False


def decoded(raw: bytes, decoder: msgspec.json.Decoder[Any]) -> Any:
    """The typed body. Raises Invalid or Problems."""
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise problems(raw, decoder.type, error) from None
    except RecursionError:
        raise _too_deep() from None


def problems(raw: bytes, kind: Any, first: Exception) -> DomainError:
    """Every problem of a JSON body against `kind`, each with a pointer; at least `first`."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return Invalid(f"The body is not JSON: {error}", code="malformed-json")
    except RecursionError:
        return _too_deep()
    found: list[DomainError] = []
    _walk(value, kind, "", found)
    if not found:
        found.append(Invalid(str(first)))
    return Problems(found[:MAXIMUM_PROBLEMS])


def _too_deep() -> Invalid:
    return Invalid("The body is nested too deep.", code="malformed-json")


def _walk(value: Any, kind: Any, pointer: str, found: list[DomainError]) -> None:
    plain = get_args(kind)[0] if get_origin(kind) is Annotated else kind
    fields = _fields(plain)
    if fields is not None and isinstance(value, dict):
        _walk_struct(value, fields, _forbids(plain), pointer, found)
    elif get_origin(plain) is list and isinstance(value, list):
        if (most := _longest(kind)) is not None and len(value) > most:
            found.append(Invalid(f"At most {most} items.", pointer=pointer))
            return
        for index, item in enumerate(value):
            _walk(item, get_args(plain)[0], f"{pointer}/{index}", found)
            if len(found) >= MAXIMUM_PROBLEMS:
                return
        _convert(value, kind, pointer, found, unless=bool(found))
    else:
        _convert(value, kind, pointer, found)


def _longest(kind: Any) -> int | None:
    """How many items a list may have; one that is too long is not looked into."""
    limits = (meta.max_length for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, msgspec.Meta))
    return next((limit for limit in limits if limit is not None), None)


def _walk_struct(value: dict[str, Any], fields: Any, closed: bool, pointer: str, found: list[DomainError]) -> None:
    known = {field.encode_name: field for field in fields}
    for name, field in known.items():
        where = f"{pointer}/{_escape(name)}"
        if name in value:
            _walk(value[name], field.type, where, found)
        elif field.required:
            found.append(Invalid("The member is required.", pointer=where, code="required"))
    if closed:
        found += [
            Invalid("There is no such member.", pointer=f"{pointer}/{_escape(name)}", code="unknown-member")
            for name in value
            if name not in known
        ]


def _convert(value: Any, kind: Any, pointer: str, found: list[DomainError], *, unless: bool = False) -> None:
    if unless:
        return
    try:
        msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$")
        found.append(Invalid(f"{text}.", pointer=pointer + _path(path.rstrip("`"))))


def _path(path: str) -> str:
    return path.replace("[...]", "").replace("[", "/").replace("]", "").replace(".", "/")


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _fields(kind: Any) -> Any:
    """The fields of a Struct, or of the one Struct of a union, generics resolved; None for other types."""
    for candidate in (kind, *(get_args(kind) if get_origin(kind) is not list else ())):
        try:
            return msgspec.structs.fields(candidate)
        except TypeError:
            continue
    return None


def _forbids(kind: Any) -> bool:
    origin = get_origin(kind)
    for candidate in (kind, origin, *get_args(kind)):
        config = getattr(candidate, "__struct_config__", None)
        if config is not None:
            return bool(config.forbid_unknown_fields)
    return False
