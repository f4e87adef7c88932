"""Authlib's grants on our rows: what each of them needs to know, and nothing of what they decide."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, InvalidRequestError, InvalidScopeError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant, ClientCredentialsGrant, RefreshTokenGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE, DeviceCodeGrant
from msgspec import structs
from sqlalchemy.util import await_only

from identity.openid import codes, scopes
from identity.openid.asking import Asked
from identity.openid.clients import Client
from identity.openid.codes import Code
from identity.openid.devices import codes as devices
from identity.openid.devices.codes import Polled
from identity.openid.provider import CONFIDENTIAL, METHODS, Provider
from identity.openid.token import lending
from identity.openid.token.lending import Loan
from identity.openid.token_exchange import Exchange
from identity.service_accounts import as_client


class Challenge(CodeChallenge):
    """PKCE with S256 alone (RFC 7636; RFC 9700, section 2.1.1)."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ["S256"]  # noqa: RUF012 the name is Authlib's

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Public clients have to send one, and nobody may send a plain one."""
        asked = grant.request.payload.data
        if "code_challenge" in asked and asked.get("code_challenge_method") != "S256":
            raise InvalidRequestError("Send the code_challenge with code_challenge_method=S256.")
        if grant.client.public and "code_challenge" not in asked:
            raise InvalidRequestError("This client has to send a code_challenge.")
        super().validate_code_challenge(grant, redirect_uri)


class Codes(AuthorizationCodeGrant):
    """The authorization code."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Provider
    request: Asked

    @staticmethod
    def validate_authorization_redirect_uri(request: Asked, client: Client) -> str:
        """Where the answer goes. Raises InvalidRequestError, without repeating what was asked."""
        wanted = request.payload.redirect_uri
        if wanted and not client.check_redirect_uri(wanted):
            raise InvalidRequestError("The redirect_uri is not one that the client has registered.")
        if not (found := wanted or client.get_default_redirect_uri()):
            raise InvalidRequestError("The redirect_uri is missing.")
        return found

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        """Use the code up: whatever is wrong beside it, it does not count again."""
        return await_only(codes.use(self.server.session, client, code))

    def authenticate_user(self, authorization_code: Code) -> Loan | None:
        """Begin what the person has allowed."""
        client = self.request.client
        refreshable = client.check_grant_type("refresh_token")
        work = lending.begin(self.server.session, client, authorization_code.allowed, refreshable=refreshable)
        loan = await_only(work)
        if loan is None:
            raise InvalidGrantError("The person has signed out or may not sign in any more.")
        await_only(codes.note(self.server.session, authorization_code, loan.session_id))
        return loan

    def generate_token(self, user: Loan, **_: Any) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The tokens."""
        return _tokens(self.server, self.request.client, user)

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """It is used up, and kept so that a replay is known."""


class Refreshing(RefreshTokenGrant):
    """The refresh token, which is replaced with every use."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Provider
    request: Asked

    def authenticate_refresh_token(self, refresh_token: str) -> "Refreshed":
        """The session that the token belongs to. Raises InvalidGrantError."""
        client, server = self.request.client, self.server
        loan = await_only(lending.again(server.session, server.parts, client, refresh_token))
        if loan is None:
            raise InvalidGrantError("The refresh token does not count any more.")
        return Refreshed(loan)

    def authenticate_user(self, refresh_token: "Refreshed") -> Loan:
        """Whose session it is."""
        return refresh_token.loan

    def issue_token(self, user: Loan, refresh_token: "Refreshed") -> dict[str, Any]:  # noqa: ARG002
        """Tokens of the scopes that are asked for, or of all."""
        wanted = (self.request.payload.scope or "").split()
        narrowed = [scope for scope in user.scopes if not wanted or scope in wanted]
        if not narrowed:
            raise InvalidScopeError
        return _tokens(self.server, self.request.client, structs.replace(user, scopes=narrowed))

    def revoke_old_credential(self, refresh_token: "Refreshed") -> None:
        """It was replaced by the one statement that used it."""


class Refreshed:
    """A session that a refresh token has led to, as Authlib asks about it."""

    def __init__(self, loan: Loan) -> None:
        """`loan` is the session."""
        self.loan = loan

    def check_client(self, client: Client) -> bool:
        """It was looked for among those of the client alone."""
        return bool(client)

    def get_scope(self) -> str:
        """What it is good for."""
        return " ".join(self.loan.scopes)


class Machines(ClientCredentialsGrant):
    """A client in its own name."""

    TOKEN_ENDPOINT_AUTH_METHODS = CONFIDENTIAL
    server: Provider
    request: Asked

    def generate_token(self, **_: Any) -> dict[str, Any]:
        """A token for the platform's scopes that are asked for, or for all that the client may have."""
        client: Client = self.request.client
        may = scopes.own(client.scopes)
        wanted = list(dict.fromkeys((self.request.payload.scope or "").split())) or may
        if not wanted or not set(wanted) <= set(may):
            raise InvalidScopeError("The client may not have these scopes in its own name.")
        issued, seconds = as_client.own_token(self.server.parts, client, wanted)
        return {
            "access_token": issued,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": " ".join(wanted),
        }


class Devices(DeviceCodeGrant):
    """A device's code."""

    TOKEN_ENDPOINT_AUTH_METHODS = METHODS
    server: Provider
    request: Asked

    def authenticate_token_endpoint_client(self) -> Client:
        """The client; one that may not use this grant is told so before the code is looked at."""
        client: Any = super().authenticate_token_endpoint_client()
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError("The client may not use this grant.")
        self.request.client = client
        return client

    def query_device_credential(self, device_code: str) -> Polled:
        """What became of the request. Raises InvalidGrantError for a code that is none, or was used."""
        found = await_only(devices.poll(self.server.session, self.request.client, device_code))
        if found is None or found.state == "used":
            raise InvalidGrantError("The device_code is none, or was used.")
        self.polled = found
        return found

    def query_user_grant(self, user_code: str) -> tuple[Any, bool] | None:  # noqa: ARG002
        """The person's answer, once there is one."""
        if self.polled.state == "approved":
            refreshable = self.request.client.check_grant_type("refresh_token")
            work = lending.begin(self.server.session, self.request.client, self.polled.allowed, refreshable=refreshable)
            return (loan, True) if (loan := await_only(work)) else (None, False)
        return (None, False) if self.polled.state == "denied" else None

    def should_slow_down(self, credential: Polled) -> bool:
        """Whether the device asked before it was time."""
        return credential.too_fast

    def generate_token(self, user: Loan, **_: Any) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The tokens."""
        return _tokens(self.server, self.request.client, user)


def equip(provider: Provider) -> Provider:
    """Let a provider answer at the token endpoint."""
    provider.register_grant(Codes, [Challenge(required=True)])
    for grant in (Refreshing, Machines, Devices, Exchange):
        provider.register_grant(grant)
    return provider


def _tokens(server: Provider, client: Client, loan: Loan) -> dict[str, Any]:
    return await_only(lending.answer(server.session, server.parts, client, loan))
