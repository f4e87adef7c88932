"""What an organization looks like, what is on for its people, and what is computed of them, through the gateway."""

import asyncio
import io
from urllib.parse import urlsplit

import httpx
from journeys import Gateway, document, new_code, new_organization, new_patient, new_staff, unique, until
from PIL import Image

ADMIN = "018f0000-0000-7000-8000-000000000001"


def picture(width: int, height: int) -> bytes:
    made = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(made, "PNG")
    return made.getvalue()


async def send(gateway: Gateway, upload: dict, content: bytes, **changed: str) -> httpx.Response:
    """Follow a signed link as a browser would: with what the link says and without any credential."""
    url = upload["upload-url"]
    for old, new in changed.items():
        url = url.replace(old, new)
    data = upload["upload-data"]
    async with httpx.AsyncClient(timeout=20) as anybody:
        return await anybody.request(data["method"], url, content=content, headers=data["headers"])


async def test_an_organization_gets_a_logo_by_a_signed_link(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await new_staff(operator, organization, ADMIN)
    one = f"/v1/organizations/{organization}"
    named = {"content-type": "image/png", "filename": "logo.png"}
    upload = (await admin.post(f"{one}/upload-logo/", named))["data"]
    content = picture(1500, 900)
    assert len(content) > 1024 * 1024, "larger than what the gateway buffers of other bodies"
    refused = await send(gateway, upload, content, **{organization: "0" * 8})
    assert refused.status_code == 403, refused.text
    large = await send(gateway, upload, bytes(6 * 1024 * 1024))
    assert large.status_code == 413, large.text
    await admin.post(f"{one}/process-logo-upload/", {}, status=409)
    assert (await send(gateway, upload, content)).status_code == 201
    shown = (await admin.post(f"{one}/process-logo-upload/", {}))["data"]["attributes"]
    assert shown["logo-ready-to-use"]
    sizes = {}
    for size, url in shown["logo-urls"].items():
        answer = await gateway.raw("GET", "?".join(urlsplit(url)[2:4]))
        assert answer.headers["content-type"] == "image/png", answer.text
        sizes[size] = Image.open(io.BytesIO(answer.content)).size
    assert sizes == {"small": (64, 38), "medium": (256, 154), "large": (1024, 614)}
    code = await new_code(operator, organization)
    public = await gateway.get(f"/v1/organization-code-info/{code}/")
    assert public["data"]["attributes"]["organization"]["logo-url"] == shown["logo-urls"]["medium"]


async def test_a_feature_is_on_for_a_user(operator: Gateway) -> None:
    organization = await new_organization(operator)
    person = await new_staff(operator, organization)
    feature = unique("calls")
    await operator.post("/v1/features/", document("features", {"id": feature, "assignable": True}))

    async def on() -> bool:
        found = await person.get(f"/v1/features/?filter[user-id]={person.user_id}&page[limit]=1000")
        return feature in [one["id"] for one in found["data"]]

    assert not await on()
    email = (await operator.get(f"/v1/users/{person.user_id}/"))["data"]["attributes"]["email"]
    await operator.post(f"/v1/features/{feature}/add-users/", {"user-emails": [email]})
    assert await on()
    attributes = {"feature-name": feature, "organization-id": organization, "user-id": person.user_id}
    state = document("user-features", {**attributes, "state": "disabled"})
    made = await operator.post("/v1/user-features/", state)
    assert not await on()
    gone = await operator.call("DELETE", f"/v1/user-features/{made['data']['id']}/")
    assert gone.status_code == 204, gone.text
    assert await on()
    changes = await operator.get(f"/v1/features/{feature}/changes/?user-id={person.user_id}")
    steps = [(one["attributes"]["before"], one["attributes"]["after"]) for one in changes["data"]]
    assert steps == [("disabled", None), (None, "disabled"), (None, "enabled")]


async def test_columns_are_computed_by_the_services_that_own_them(operator: Gateway, gateway: Gateway) -> None:
    organization = await new_organization(operator)
    patient = await new_patient(gateway, await new_code(operator, organization))
    individual = patient.tokens["individual"]["id"]

    async def known() -> bool | None:
        return True if (await operator.call("GET", f"/v1/individuals/{individual}/")).is_success else None

    await until(known)
    columns = ("group-count", "last-login", "cohort-count", "completion")
    entries = [{"column": column, "individual-id": individual} for column in columns]
    asked = await operator.post("/v1/aggregation-requests/", document("aggregation-requests", {"entries": entries}))

    async def done() -> bool | None:
        shown = await operator.get(f"/v1/aggregation-requests/{asked['data']['id']}/")
        return True if shown["data"]["attributes"]["status"] == "done" else None

    await until(done)
    shown = (await operator.get(f"/v1/individuals/{individual}/"))["data"]["attributes"]["aggregates"]
    assert (shown["group-count"], shown["cohort-count"]) == (0, 0)
    assert shown["last-login-time"]
    assert set(shown["computed-times"]) == set(columns)


async def test_an_individual_goes_to_another_organization(operator: Gateway) -> None:
    first, second = await asyncio.gather(new_organization(operator), new_organization(operator))
    made = await operator.post("/v1/individuals/", document("individuals", {"owner-id": first}))
    one = f"/v1/individuals/{made['data']['id']}"
    await operator.post(f"{one}/transfer-ownership/", {"owner-id": second})
    owners = [row["attributes"]["owner-id"] for row in (await operator.get(f"{one}/owners/"))["data"]]
    assert owners == [second, first]
