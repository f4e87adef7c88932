"""Many changes of a directory in one request (RFC 7644, section 3.7): each stands or falls by itself.

What refers to a resource that another operation is to make (`bulkId:…`) waits for it, in whichever order they came.
"""

import re
from typing import Any, cast
from uuid import UUID

import msgspec
from chassis.errors import as_scim
from kernel import DomainError, NotFound
from scim2_models import BulkRequest, BulkResponse
from sqlalchemy.exc import IntegrityError

from identity.scim import protocol
from identity.scim.groups import commands as groups
from identity.scim.places import Place
from identity.scim.protocol import LARGEST_BULK, MOST_OPERATIONS, Problem
from identity.scim.searching import Seen
from identity.scim.users import commands as users

PATH = re.compile(r"^/?(Users|Groups)(?:/([^/?#]+))?/?$", re.IGNORECASE)
REFERENCE = re.compile(r"bulkId:([^\"'\s\]]+)")
METHODS = ("POST", "PUT", "PATCH", "DELETE")
FAILED = 400
MAKE: dict[str, Any] = {"PUT": protocol.replaced, "PATCH": protocol.patched}


class Operation(msgspec.Struct):
    """One operation as it came, and its place among them."""

    place: int
    method: str
    path: str
    bulk_id: str | None
    version: str | None
    data: Any


async def run(place: Place, body: Any) -> dict[str, Any]:
    """Carry operations out and answer what became of each. Raises Problem for a request that is none."""
    waiting, most_errors = _read(body)
    known: dict[str, str] = {}
    results: list[tuple[int, dict[str, Any]]] = []
    errors = 0
    while waiting and not (most_errors and errors >= most_errors):
        ready = [one for one in waiting if not _references(one) - known.keys()]
        for one in ready or waiting:
            if most_errors and errors >= most_errors:
                break
            result = await _attempt(place, one, known) if ready else _unresolved(one)
            errors += int(result["status"]) >= FAILED
            results.append((one.place, result))
        waiting = [one for one in waiting if one not in ready] if ready else []
    return {
        "schemas": [str(BulkResponse.__schema__)],
        "Operations": [result for _, result in sorted(results, key=lambda pair: pair[0])],
    }


def _read(body: Any) -> tuple[list[Operation], int | None]:
    content: dict[str, Any] = cast("dict[str, Any]", body) if isinstance(body, dict) else {}
    operations = content.get("Operations")
    if str(BulkRequest.__schema__) not in (content.get("schemas") or []) or not isinstance(operations, list):
        raise Problem("This is no bulk request.", code="invalidSyntax")
    listed = cast("list[Any]", operations)
    if len(listed) > MOST_OPERATIONS:
        detail = f"A request has {MOST_OPERATIONS} operations and {LARGEST_BULK} bytes at most."
        raise Problem(detail, status=413, code="tooMany")
    most = content.get("failOnErrors")
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise Problem("failOnErrors is a number from 1 on.")
    return [_operation(place, one) for place, one in enumerate(listed)], most


def _operation(place: int, one: Any) -> Operation:
    content: dict[str, Any] = cast("dict[str, Any]", one) if isinstance(one, dict) else {}
    texts = {name: content.get(name) for name in ("method", "path", "bulkId", "version")}
    if any(not isinstance(value, str | None) for value in texts.values()):
        raise Problem("An operation's method, path, bulkId and version are texts.", code="invalidSyntax")
    method = (texts["method"] or "").upper()
    return Operation(place, method, texts["path"] or "", texts["bulkId"], texts["version"], content.get("data"))


def _references(one: Operation) -> set[str]:
    """Which other operations' resources an operation speaks of."""
    return {*REFERENCE.findall(msgspec.json.encode(one.data).decode()), *REFERENCE.findall(one.path)}


def _unresolved(one: Operation) -> dict[str, Any]:
    return _result(one, 409, error=Problem("It refers to what no operation made.", status=409, code="invalidValue"))


async def _attempt(place: Place, one: Operation, known: dict[str, str]) -> dict[str, Any]:
    """Carry one operation out within a savepoint, so that its failure leaves nothing behind."""
    try:
        async with place.session.begin_nested():
            status, seen = await _carried_out(place, one, known)
    except DomainError as error:
        return _result(one, error.status, error=error)
    except IntegrityError:
        return _result(one, 409, error=Problem("Another write got there first.", status=409, code="uniqueness"))
    if one.bulk_id and one.method == "POST" and seen:
        known[one.bulk_id] = seen[0]["id"]
    location = seen[0]["meta"]["location"] if seen else _location(place, one, known)
    return _result(one, status, location=location, version=seen[1] if seen else None)


async def _carried_out(place: Place, one: Operation, known: dict[str, str]) -> tuple[int, Seen | None]:
    matched = PATH.match(_resolved(one.path, known))
    if one.method not in METHODS or matched is None or (one.method == "POST") == bool(matched[2]):
        raise Problem("There is no such operation.", code="invalidPath")
    if one.method == "POST" and not one.bulk_id:
        raise Problem("A POST has a bulkId.")
    commands: Any = users if matched[1].lower() == "users" else groups
    data = msgspec.json.decode(_resolved(msgspec.json.encode(one.data).decode(), known))
    if one.method == "POST":
        return 201, await commands.create(place, data)
    identifier = _identifier(matched[2])
    if one.method == "DELETE":
        await commands.delete(place, identifier, one.version)
        return 204, None
    make = MAKE[one.method]
    if commands is groups:
        return 200, await groups.change(place, identifier, data, make, one.version)
    hashed = await users.hash_in(place, identifier, data, make)
    return 200, await users.change(place, identifier, data, make, one.version, password_hash=hashed)


def _resolved(text: str, known: dict[str, str]) -> str:
    return REFERENCE.sub(lambda found: known.get(found[1], found[0]), text)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _location(place: Place, one: Operation, known: dict[str, str]) -> str:
    return f"{place.base}/{_resolved(one.path, known).lstrip('/')}"


def _result(
    one: Operation,
    status: int,
    *,
    location: str | None = None,
    version: str | None = None,
    error: DomainError | None = None,
) -> dict[str, Any]:
    told = {
        "method": one.method or None,
        "bulkId": one.bulk_id,
        "version": version,
        "location": location,
        "status": str(status),
        "response": as_scim(error)[0] if error else None,
    }
    return {name: value for name, value in told.items() if value is not None}
