"""Who may do what with clients and at the provider: one line an operation."""

from typing import Any
from uuid import UUID

from identity_world import World
from openid_world import CALLBACK, admin_of, registered
from testkit.access import Line

CLIENT = "/v1/oauth2-client-settings/{client}"
MANAGERS = {
    "nobody": 401,
    "stranger": 404,
    "outsider": 404,
    "service": 404,
    "participant": 403,
    "member": 403,
    "support": 403,
}
READERS = MANAGERS | {"support": 200, "admin": 200, "operator": 200}
ANYBODY = ("nobody", "member", "operator")


def same(status: int) -> dict[str, int]:
    """Everybody gets the same: the credential that counts here is another one."""
    return dict.fromkeys(ANYBODY, status)


def settings(**attributes: Any) -> Any:
    return {"data": {"type": "oauth2-client-settings", "attributes": attributes}}


def pages(*named: tuple[str, str, str, int]) -> dict[str, Line]:
    return {name: Line(method, path, same(status)) for name, method, path, status in named}


LINES = {
    "listOauth2ClientSettings": Line(
        "GET", "/v1/oauth2-client-settings?organization-id={client_organization}", READERS
    ),
    "readOauth2ClientSettings": Line("GET", CLIENT, READERS),
    "createOauth2ClientSettings": Line(
        "POST",
        "/v1/oauth2-client-settings",
        MANAGERS | {"admin": 201},
        settings(**{"name": "A", "organization-id": "{client_organization}", "redirect-uris": [CALLBACK]}),
    ),
    "updateOauth2ClientSettings": Line(
        "PATCH",
        CLIENT,
        MANAGERS | {"admin": 200, "operator": 200},
        {"data": {"type": "oauth2-client-settings", "id": "{client}", "attributes": {"name": "B"}}},
    ),
    "resetOauth2ClientSecret": Line("POST", f"{CLIENT}/reset-secret", MANAGERS | {"admin": 201, "operator": 201}, {}),
    "deleteOauth2ClientSettings": Line("DELETE", CLIENT, MANAGERS | {"admin": 204, "operator": 404}),
    "createOauth2Tokens": Line(
        "POST",
        "/v1/oauth2-tokens",
        same(401),
        {"client_id": "x", "client_secret": "y", "code": "z", "grant_type": "authorization_code"},
    ),
    **pages(
        ("oauth2Authorize", "GET", "/oauth2/authorize", 400),
        ("oauth2AuthorizeForm", "POST", "/oauth2/authorize", 400),
        ("oauth2PushAuthorizationRequest", "POST", "/oauth2/par", 401),
        ("oauth2Token", "POST", "/oauth2/token", 400),
        ("oauth2Introspect", "POST", "/oauth2/introspect", 401),
        ("oauth2Revoke", "POST", "/oauth2/revoke", 401),
        ("oauth2Userinfo", "GET", "/oauth2/userinfo", 401),
        ("oauth2UserinfoForm", "POST", "/oauth2/userinfo", 401),
        ("oauth2DeviceAuthorization", "POST", "/oauth2/device_authorization", 401),
        ("oauth2EndSession", "GET", "/oauth2/end-session", 303),
        ("oauth2EndSessionForm", "POST", "/oauth2/end-session", 303),
        ("confirmSignOut", "POST", "/oauth2/sign-out", 403),
        ("showSignedOut", "GET", "/oauth2/signed-out", 200),
        ("showDevice", "GET", "/oauth2/device", 200),
        ("connectDevice", "POST", "/oauth2/device", 403),
        ("goOnWithInteraction", "GET", "/oauth2/interactions/{client}", 410),
        ("showSignIn", "GET", "/oauth2/sign-in", 410),
        ("signInOnPage", "POST", "/oauth2/sign-in", 410),
        ("showSecondFactor", "GET", "/oauth2/second-factor", 410),
        ("giveSecondFactor", "POST", "/oauth2/second-factor", 410),
        ("showPasskey", "POST", "/oauth2/passkey", 410),
        ("showDocuments", "GET", "/oauth2/documents", 410),
        ("agreeToDocuments", "POST", "/oauth2/documents", 410),
        ("showConsent", "GET", "/oauth2/consent", 410),
        ("giveConsent", "POST", "/oauth2/consent", 410),
        ("showEnded", "GET", "/oauth2/ended", 410),
    ),
}


async def arrange_clients(world: World, place: dict[str, str]) -> dict[str, str]:
    """A client of the place's organization."""
    organization = UUID(place["organization"])
    app = await registered(world, await admin_of(world, organization), organization_id=organization)
    return place | {"client": app.id, "client_organization": str(organization)}
