"""What the OpenAPI document says of forms and parameters, which Authlib reads and no Struct describes."""

from dataclasses import dataclass

from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, Parameter, RequestBody, Schema

from identity.openid.asking import FORM

TAG = "OpenID Provider"
CLIENT = {
    "client_id": "The client; here, or in the credential.",
    "client_secret": "Its secret, where it registered client_secret_post.",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "client_assertion": "A JWT signed with the client's key, where it registered private_key_jwt (RFC 7523).",
}
AUTHORIZE = {
    "client_id": "The client.",
    "redirect_uri": "Where the answer goes: exactly one of the registered addresses.",
    "response_type": "code",
    "scope": "What the client asks for, separated by blanks; openid for an id token.",
    "state": "Comes back with the answer.",
    "nonce": "Comes back in the id token.",
    "code_challenge": "The SHA-256 of the code_verifier in base64url (RFC 7636).",
    "code_challenge_method": "S256",
    "prompt": "none, login, consent, select_account.",
    "max_age": "How many seconds ago the person may have signed in.",
    "login_hint": "The username to begin with.",
    "id_token_hint": "An id token of the person who is meant.",
    "acr_values": "aal1, aal2: wishes, the dearest first.",
    "claims": "Claims asked for one by one, as JSON (OpenID Connect Core, section 5.5).",
    "ui_locales": "Languages, the dearest first.",
}
PUSHED = {"request_uri": "The name of a pushed request (RFC 9126), instead of everything but client_id."}
TOKEN = {
    "grant_type": (
        "authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:device_code or "
        "urn:ietf:params:oauth:grant-type:token-exchange."
    ),
    "code": "With authorization_code: the code.",
    "redirect_uri": "With authorization_code: the address that the code was sent to, if the request named it.",
    "code_verifier": "With authorization_code: what the code_challenge was made of.",
    "refresh_token": "With refresh_token: the token.",
    "device_code": "With device_code: the device's code.",
    "scope": "Fewer scopes than could be had.",
    "subject_token": "With token-exchange (RFC 8693): the token to exchange.",
    "subject_token_type": "With token-exchange: urn:ietf:params:oauth:token-type:access_token.",
}
ABOUT_TOKEN = {"token": "The token.", "token_type_hint": "access_token or refresh_token; any token is found without."}
DEVICE = {"scope": "What the device asks for, separated by blanks."}
END_SESSION = {
    "id_token_hint": "An id token of the person who is meant.",
    "client_id": "The client, where there is no hint.",
    "post_logout_redirect_uri": "Where the browser goes afterwards: exactly one of the registered addresses.",
    "state": "Comes back with it.",
    "logout_hint": "Whom the client means.",
    "ui_locales": "Languages, the dearest first.",
}


def form(*fields: dict[str, str], needed: tuple[str, ...] = ()) -> type[Operation]:
    """An operation that takes a form with these fields."""
    names = {name: text for part in fields for name, text in part.items()}

    @dataclass
    class WithForm(Operation):
        def __post_init__(self) -> None:
            properties = {name: Schema(type=OpenAPIType.STRING, description=text) for name, text in names.items()}
            schema = Schema(type=OpenAPIType.OBJECT, properties=dict(properties), required=list(needed) or None)
            self.request_body = RequestBody(content={FORM: OpenAPIMediaType(schema=schema)}, required=True)

    return WithForm


def query(*fields: dict[str, str], needed: tuple[str, ...] = ()) -> type[Operation]:
    """An operation that takes these parameters."""
    names = {name: text for part in fields for name, text in part.items()}

    @dataclass
    class WithParameters(Operation):
        def __post_init__(self) -> None:
            self.parameters = [
                Parameter(
                    name=name,
                    param_in="query",
                    required=name in needed,
                    description=text,
                    schema=Schema(type=OpenAPIType.STRING),
                )
                for name, text in names.items()
            ]

    return WithParameters
