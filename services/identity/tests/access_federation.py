"""Who may do what with identity providers, and what is open to whoever comes back from one."""

from typing import Any
from uuid import UUID

import msgspec
from identity_world import World, new
from testkit.access import Line

PATH = "/v1/identity-providers"
ONE = f"{PATH}/{{provider}}"
ACS = "/v1/saml-acs/{provider}"
HOME = "https://idp.invalid"
METADATA = msgspec.json.encode(
    {
        "issuer": HOME,
        "authorization_endpoint": f"{HOME}/authorize",
        "token_endpoint": f"{HOME}/token",
        "jwks_uri": f"{HOME}/keys",
    }
).decode()
ATTRIBUTES: Any = {
    "organization-id": "{organization}",
    "name": "x",
    "protocol": "oidc",
    "metadata": "{metadata}",
    "client-id": "x",
    "client-authentication": "none",
}
NOBODY = {"nobody": 401, "stranger": 404, "outsider": 404, "participant": 403, "member": 403}
READ = {**NOBODY, "support": 200, "operator": 200, "admin": 200}


def write(status: int, *, admin_only: bool = False) -> dict[str, int]:
    allowed = {"admin": status} if admin_only else {"operator": status, "admin": status}
    return {**NOBODY, "support": 403, **allowed}


def open_to_all(status: int) -> dict[str, int]:
    return dict.fromkeys(("nobody", "stranger", "operator"), status)


LINES = {
    "listIdentityProviders": Line("GET", f"{PATH}?filter[organization-id]={{organization}}", READ),
    "createIdentityProvider": Line("POST", PATH, write(201), new("identity-providers", ATTRIBUTES)),
    "readIdentityProvider": Line("GET", ONE, READ),
    "updateIdentityProvider": Line(
        "PATCH",
        ONE,
        write(200),
        {"data": {"type": "identity-providers", "id": "{provider}", "attributes": {"enabled": True}}},
    ),
    "deleteIdentityProvider": Line("DELETE", ONE, write(204, admin_only=True)),
    "verifyIdentityProviderDomain": Line(
        "POST", f"{ONE}/verify-domain", {**NOBODY, "support": 403, "admin": 404}, {"domain": "clinic.test"}
    ),
    "testIdentityProvider": Line("POST", f"{ONE}/test", write(201, admin_only=True), {}),
    "startIdentityProviderSignIn": Line("GET", f"{ONE}/sign-in", open_to_all(303)),
    "exchangeLoginCode": Line("POST", "/v1/login/exchange", open_to_all(401), {"code": "x"}),
    "oauth2Launcher": Line("GET", "/v1/oauth2-launcher?iss=https://ehr.invalid&launch=x", open_to_all(400)),
    "oauth2Redirector": Line("GET", "/v1/oauth2-redirector?code=x&state={stranger}", open_to_all(400)),
    "samlLogin": Line("GET", "/v1/saml-login?domain=clinic.test", open_to_all(400)),
    "samlAcs": Line("POST", f"{ACS}/acs", open_to_all(404), {"SAMLResponse": "x"}),
    "samlFinish": Line("GET", f"{ACS}/finish?code=x", open_to_all(400)),
    "samlLogout": Line("GET", f"{ACS}/logout?SAMLRequest=x", open_to_all(404)),
    "samlLoggedOut": Line("GET", f"{ACS}/logged-out?SAMLResponse=x", open_to_all(404)),
    "samlMetadata": Line("GET", f"{ACS}/metadata", open_to_all(404)),
}


async def arrange_providers(world: World, place: dict[str, str]) -> dict[str, str]:
    """Beside what is in place: an identity provider of the organization that speaks OpenID Connect."""
    known = {"metadata": METADATA, **place}
    attributes = {name: value.format(**known) for name, value in ATTRIBUTES.items()}
    admin = world.client.as_(user_id=UUID(place["admin"]))
    made = await admin.post(PATH, json=new("identity-providers", attributes))
    assert made.status_code == 201, made.text
    return known | {"provider": made.json()["data"]["id"]}
