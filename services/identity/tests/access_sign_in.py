"""Who may do what with second factors and documents to agree to: one line an operation."""

from typing import Any
from uuid import UUID

from devices import Device, with_passkey
from identity_world import World
from testkit.access import Line

TOTP = "/v1/mfa-totp"
DOCUMENT = "/v1/service-documents/{document}"
PASSKEY = "/v1/passkeys/{passkey}"
SETTERS = {"nobody": 401, "stranger": 404, "outsider": 404, "colleague": 404, "support": 404, "service": 404}
PUBLISHERS = {"nobody": 401, "stranger": 403, "member": 403, "support": 403, "service": 403, "outsider": 403}


def document(**attributes: Any) -> Any:
    kept = {"type": "terms", "version": "1", "title": "Terms", "html": "<p>Be kind.</p>"}
    return {"data": {"type": "service-documents", "attributes": kept | attributes}}


LINES = {
    "listMfaTotp": Line(
        "GET",
        f"{TOTP}?filter[user-id]={{member}}",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 403,
            "member": 200,
            "admin": 200,
            "support": 200,
            "operator": 200,
            "service": 403,
        },
    ),
    "createMfaTotp": Line("POST", TOTP, {"nobody": 401, "service": 403, "stranger": 403, "member": 201}, {}),
    "enableMfaTotp": Line(
        "POST",
        f"{TOTP}/{{totp}}/enable",
        {**SETTERS, "admin": 403, "operator": 403, "member": 400},
        {"codes": ["1", "2"], "password": "x"},
    ),
    "disableMfaTotp": Line(
        "POST", f"{TOTP}/{{totp}}/disable", {**SETTERS, "admin": 400, "member": 400}, {"password": "x"}
    ),
    "deleteMfaTotp": Line("DELETE", f"{TOTP}/{{totp}}", {**SETTERS, "admin": 403, "operator": 403, "member": 204}),
    "listPasskeys": Line(
        "GET",
        "/v1/passkeys?filter[user-id]={member}",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "participant": 404,
            "colleague": 403,
            "member": 200,
            "admin": 200,
            "support": 200,
            "operator": 200,
            "service": 403,
        },
    ),
    "createPasskeyRegistrationOptions": Line(
        "POST",
        "/v1/passkeys/registration-options",
        {"nobody": 401, "service": 403, "stranger": 403, "member": 201},
    ),
    "createPasskey": Line(
        "POST",
        "/v1/passkeys",
        {"nobody": 401, "service": 403, "stranger": 403, "member": 401},
        {"data": {"type": "passkeys", "attributes": {"name": "x", "credential": {}}}},
    ),
    "updatePasskey": Line(
        "PATCH",
        PASSKEY,
        {**SETTERS, "admin": 404, "operator": 404, "member": 200},
        {"data": {"type": "passkeys", "id": "{passkey}", "attributes": {"name": "x"}}},
    ),
    "deletePasskey": Line("DELETE", PASSKEY, {**SETTERS, "member": 204, "admin": 404, "operator": 404}),
    "createPasskeySignInOptions": Line("POST", "/v1/passkeys/sign-in-options", {"nobody": 201, "member": 201}),
    "signInByPasskey": Line(
        "POST", "/v1/passkeys/sign-in", {"nobody": 401, "member": 401, "operator": 401}, {"credential": {}}
    ),
    "reauthenticateSession": Line(
        "POST",
        "/v1/sessions/{session}/reauthenticate",
        {"nobody": 401, "stranger": 404, "owner": 404, "admin": 404, "operator": 404, "service": 404},
        {"password": "x"},
    ),
    "listServiceDocuments": Line(
        "GET", "/v1/service-documents?latest=true", {"nobody": 200, "member": 200, "operator": 200}
    ),
    "readServiceDocument": Line("GET", DOCUMENT, {"nobody": 200, "outsider": 200, "member": 200}),
    "createServiceDocument": Line(
        "POST",
        "/v1/service-documents",
        {
            "nobody": 401,
            "stranger": 404,
            "outsider": 404,
            "support": 404,
            "service": 404,
            "participant": 403,
            "member": 403,
            "admin": 201,
            "operator": 409,
        },
        document(**{"organization-id": "{organization}"}),
    ),
    "updateServiceDocument": Line(
        "PATCH",
        DOCUMENT,
        {**PUBLISHERS, "admin": 403, "operator": 200},
        {
            "data": {
                "type": "service-documents",
                "id": "{document}",
                "attributes": {"agreement-required": False},
            }
        },
    ),
    "deleteServiceDocument": Line("DELETE", DOCUMENT, {**PUBLISHERS, "admin": 403, "operator": 204}),
    "deleteServiceDocumentAgreements": Line(
        "POST",
        "/v1/users/{member}/delete-service-document-agreements",
        {"nobody": 401, "member": 403, "admin": 403, "outsider": 403, "service": 403, "support": 201, "operator": 201},
        {},
    ),
}


async def arrange(world: World, place: dict[str, str]) -> dict[str, str]:
    """Beside what is in place: an authenticator and a passkey of the member, and a document nobody has to agree to."""
    made = await world.client.as_(user_id=UUID(place["member"])).post("/v1/mfa-totp/", json={})
    assert made.status_code == 201, made.text
    attributes = {"version": "0", "title": "Terms", "html": "<p>x</p>", "agreement-required": False, "type": "terms"}
    body = {"data": {"type": "service-documents", "attributes": attributes}}
    published = await world.client.as_operator().post("/v1/service-documents/", json=body)
    assert published.status_code == 201, published.text
    passkey = await with_passkey(world.client.as_(user_id=UUID(place["member"])), Device())
    organization = place["organization"]
    await world.rows("INSERT INTO organizations VALUES (:id, 'o', 'O', true) ON CONFLICT DO NOTHING", id=organization)
    return place | {"totp": made.json()["data"]["id"], "passkey": passkey, "document": published.json()["data"]["id"]}
