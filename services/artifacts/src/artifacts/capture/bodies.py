"""From the bytes that SDKs send to JSON: gzip, base64, forms, and what says which."""

import base64
import binascii
import json
import zlib
from typing import Any
from urllib.parse import parse_qs

import msgspec
from kernel import Invalid

LARGEST_BODY = 20 * 1024 * 1024
"""Bytes, as they are sent and when they are unpacked."""
GZIP = b"\x1f\x8b"
PACKED = {"gzip": "gzip", "gzip-js": "gzip", "base64": "base64", "": "", "none": "", "identity": ""}
NOT_JSON = "The body is not JSON."


def read(body: bytes, encoding: str = "", compression: str = "") -> tuple[Any, dict[str, str]]:
    """What a body says, and the fields beside `data` if it is a form.

    `encoding` is the header Content-Encoding, `compression` the parameter of that name; gzip is also known by its first
    bytes. Raises Invalid (400; 413 for what is too large unpacked).
    """
    for named in (encoding, compression):
        if named.strip().lower() not in PACKED:
            raise Invalid(f"The compression {named[:40]!r} is not supported; send gzip, gzip-js, base64 or none.")
    content, fields = _fields(_unpacked(body))
    if (named := fields.get("compression", "")).strip().lower() not in PACKED:
        raise Invalid(f"The compression {named[:40]!r} is not supported; send gzip, gzip-js, base64 or none.")
    content = content.strip()
    if not content:
        raise Invalid("There is no event in the body.")
    if content[:1] not in b"{[":
        content = _unpacked(_from_base64(content))
    return _json(content), fields


def _fields(content: bytes) -> tuple[bytes, dict[str, str]]:
    """The field `data` of a form, and the others; any other body as it is."""
    if not (content.startswith(b"data=") or b"&data=" in content[:500]) or content[:1] in b"{[":
        return content, {}
    try:
        fields = {name: values[0] for name, values in parse_qs(content.decode(), max_num_fields=20).items()}
    except ValueError as error:
        raise Invalid("The form cannot be read.") from error
    return fields.pop("data", "").encode(), fields


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(GZIP):
        return content
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        found = unpacking.decompress(content, LARGEST_BODY + 1)
    except zlib.error as error:
        raise Invalid("The body is not gzip, although it begins so.") from error
    if len(found) > LARGEST_BODY:
        raise Invalid(f"At most {LARGEST_BODY} bytes unpacked.", status=413, code="too-large")
    if not unpacking.eof:
        raise Invalid("The gzip body ends too early.")
    return found


def _from_base64(content: bytes) -> bytes:
    """A form turns `+` into a blank; the end may lack its `=`."""
    content = content.replace(b" ", b"+").replace(b"-", b"+").replace(b"_", b"/").rstrip(b"=")
    try:
        return base64.b64decode(content + b"=" * (-len(content) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Invalid(NOT_JSON) from error


def _json(content: bytes) -> Any:
    """JSON; numbers that JSON has no word for are null, as JavaScript writes them."""
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        pass
    except RecursionError as error:
        raise Invalid("The body is nested too deep.") from error
    try:
        return json.loads(content, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise Invalid(NOT_JSON) from error
