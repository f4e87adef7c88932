"""Authlib's authorization server on our rows.

Authlib is written for servers that wait; each of its calls runs in a greenlet (`sqlalchemy.util.greenlet_spawn`, which
carries SQLAlchemy's own asyncio support), where `await_only` waits for ours. One object a request.
"""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections.abc import Callable
from typing import Any

import msgspec
from authlib.oauth2.rfc6749 import AuthorizationServer, InvalidClientError, InvalidRequestError, OAuth2Error
from authlib.oauth2.rfc6749.authenticate_client import (
    authenticate_client_secret_basic,  # pyright: ignore[reportAttributeAccessIssue] not in the stubs
    authenticate_client_secret_post,  # pyright: ignore[reportAttributeAccessIssue] not in the stubs
    authenticate_none,  # pyright: ignore[reportAttributeAccessIssue] not in the stubs
)
from chassis.runtime import Runtime
from litestar import Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.util import await_only, greenlet_spawn

from identity.openid.asking import Asked, demand_single, plain_word
from identity.openid.assertions import METHOD as ASSERTION
from identity.openid.assertions import Assertions
from identity.openid.clients import Client
from identity.parts import Parts, parts_of
from identity.service_accounts import as_client

TOKEN, PUSHED = "/oauth2/token", "/oauth2/par"
METHODS = ["client_secret_basic", "client_secret_post", ASSERTION, "none"]
CONFIDENTIAL = METHODS[:3]


class Provider(AuthorizationServer):
    """The provider while it answers one request."""

    def __init__(self, runtime: Runtime, session: AsyncSession) -> None:
        """`session` is the request's transaction."""
        super().__init__()
        self.runtime, self.session = runtime, session
        self.parts: Parts = parts_of(runtime)
        self._found: dict[str, Client | None] = {}

    @property
    def issuer(self) -> str:
        """Our name in tokens."""
        return self.runtime.common.public_url

    def query_client(self, client_id: str) -> Client | None:
        """A client by its public name."""
        if client_id not in self._found:
            self._found[client_id] = await_only(as_client.find(self.runtime, client_id))
        return self._found[client_id]

    def create_oauth2_request(self, request: Asked) -> Asked:
        """The request is one already."""
        return request

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""

    def save_token(self, token: Any, request: Asked) -> None:
        """What is kept of a token was written when it was made."""

    def handle_response(self, status: int, body: Any, headers: Any) -> Response[Any]:
        """The answer as our framework sends it."""
        content = msgspec.json.encode(body) if isinstance(body, dict) else body
        return Response(content, status_code=status, headers=dict(headers), media_type="application/json")

    def authenticate_client(self, request: Asked, methods: list[str], endpoint: str = "token") -> Client:
        """The client, by the one credential that it shows. Raises InvalidClientError or InvalidRequestError."""
        demand_single(request)
        method = _method(request)
        client = self._shown(request, method) if method in methods else None
        if client is None or not client.check_endpoint_auth_method(method, endpoint):
            raise InvalidClientError("The client is not known, or its credential is not right.", status_code=401)
        named = request.payload.client_id
        if named and named != client.client_id:
            raise InvalidRequestError("client_id names another client than the credential does.")
        request.client, request.auth_method = client, method
        return client

    def _shown(self, request: Asked, method: str) -> Client | None:
        audiences = [self.issuer, *(f"{self.issuer}{path}" for path in (TOKEN, PUSHED, request.path))]
        functions: dict[str, Callable[..., Any]] = {
            "client_secret_basic": authenticate_client_secret_basic,
            "client_secret_post": authenticate_client_secret_post,
            "none": authenticate_none,
            ASSERTION: Assertions(self.runtime, audiences),
        }
        try:
            return functions[method](self.query_client, request)
        except InvalidClientError as error:
            error.status_code = 401
            raise
        except (ValueError, TypeError) as error:
            raise InvalidClientError("The client's credential cannot be read.", status_code=401) from error


async def answered(provider: Provider, asked: Asked, work: Callable[[], Any]) -> Response[Any]:
    """What `work` answers; an error of OAuth 2 is an answer, too."""
    return await greenlet_spawn(_caught, provider, asked, work)


def refused(error: OAuth2Error) -> Response[Any]:
    """An error of OAuth 2 as an answer."""
    status, body, headers = error()
    return Response(msgspec.json.encode(body), status_code=status, headers=dict(headers), media_type="application/json")


async def asked_at(provider: Provider, asked: Asked, endpoint: str) -> Response[Any]:
    """What one of Authlib's endpoints answers."""

    def work() -> Any:
        return provider.create_endpoint_response(endpoint, asked)

    return await answered(provider, asked, work)


async def run(work: Callable[..., Any], *values: Any) -> Any:
    """Run a function of Authlib's."""
    return await greenlet_spawn(work, *values)


def _caught(provider: Provider, asked: Asked, work: Callable[[], Any]) -> Any:
    try:
        if not plain_word(asked.payload.grant_type or ""):
            raise InvalidRequestError("The grant_type cannot be read.")
        return work()
    except OAuth2Error as error:
        return provider.handle_error_response(asked, error)


def _method(request: Asked) -> str:
    """How the client authenticates, by what it shows."""
    if "Authorization" in request.headers:
        return "client_secret_basic"
    if "client_assertion" in request.form:
        return ASSERTION
    return "client_secret_post" if "client_secret" in request.form else "none"
