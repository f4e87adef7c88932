"""The access matrix: every operation against every kind of caller.

What a token alone decides (none, garbage, expired, ended session, an API key without the scope) is generated from the
declared permissions. What rows decide stands in one table a service: an operation without a line fails the suite.

    TABLE = {"readOrganization": Line("GET", "/v1/organizations/{organization}", {"member": 200, "outsider": 404})}
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

import msgspec
from chassis.revocations import Revocations
from contracts.identity import SessionEnded
from contracts.permissions import PUBLIC
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from testkit.client import Client
from testkit.principals import access_token, key_token
from testkit.shape import methods, operations

UNAUTHORIZED, FORBIDDEN = 401, 403


class Line(msgspec.Struct, frozen=True):
    """One operation: how it is called and what each kind of caller gets.

    `path` and `body` may hold `{names}` that the suite's world fills in; `expected` maps a caller to a status.
    """

    method: str
    path: str
    expected: dict[str, int]
    body: Any = None


def assert_complete(app: Litestar, table: Iterable[str]) -> None:
    """Fail when an operation has no line, or a line no operation."""
    named = {str(handler.operation_id) for _, handler in operations(app)}
    listed = set(table)
    assert not named - listed, f"operations without a line: {sorted(named - listed)}"
    assert not listed - named, f"lines without an operation: {sorted(listed - named)}"


async def assert_credentials_refused(app: Litestar) -> None:
    """Every operation that is not public refuses none, garbage, expired, ended; and a key without its scope."""
    problems: list[str] = []
    for path, handler in operations(app):
        if handler.opt.get("permission") == PUBLIC:
            continue
        for kind, (token, expected) in _bad_credentials(app).items():
            status = await _status(app, path, handler, token)
            if status != expected:
                problems.append(f"{handler.operation_id}: {kind} got {status}, not {expected}")
    assert not problems, "\n".join(problems)


def _bad_credentials(app: Litestar) -> dict[str, tuple[str | None, int]]:
    ended = uuid4()
    revocations: Revocations = app.state.runtime.revocations
    revocations.apply(SessionEnded(session_id=ended, user_id=uuid4(), reason="revoked"))
    return {
        "no credential": (None, UNAUTHORIZED),
        "garbage": ("garbage", UNAUTHORIZED),
        "unsigned": (access_token().rsplit(".", 1)[0] + ".", UNAUTHORIZED),
        "expired": (access_token(lifetime=-120), UNAUTHORIZED),
        "another issuer": (access_token(iss="http://elsewhere.test"), UNAUTHORIZED),
        "another audience": (access_token(aud="elsewhere"), UNAUTHORIZED),
        "ended session": (access_token(session_id=ended), UNAUTHORIZED),
        "key without scope": (key_token(organization_id=uuid4(), scopes=("nothing:read",)), FORBIDDEN),
    }


async def _status(app: Litestar, path: str, handler: HTTPRouteHandler, token: str | None) -> int:
    client = Client(app).with_token(token) if token else Client(app)
    method = methods(handler)[0]
    url = _filled(path, lambda name: str(uuid4()) if "uuid" in name else "1")
    answer = await client.request(method, url, json={} if method not in {"GET", "DELETE"} else None)
    return answer.status_code


def _filled(path: str, value: Callable[[str], str]) -> str:
    parts = [value(part[1:-1]) if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts)
