from typing import Any
from uuid import UUID, uuid4

import pytest
from contracts.identity import ServiceDocumentChanged
from documents import PATH, body, change, publish
from identity_world import World, codes, pointers

NASTY = """
<h1 onclick="steal()" id="top">Terms</h1><script>steal()</script><style>body{display:none}</style>
<p style="position:fixed">Be <b>kind</b>. <a href="javascript:steal()">x</a> <a href="https://care.example">y</a></p>
<img src="https://spy.example/pixel.png"><img src="data:image/png;base64,AAAA" alt="logo">
<a href="data:text/html,evil">z</a><iframe src="https://x.example"></iframe><form action="/x"><input></form>
<!-- said in private --><svg onload="steal()"></svg>
"""


async def test_the_operator_publishes_for_everybody_and_anybody_reads(world: World) -> None:
    made = await publish(world, version="2026-01", title="Terms of use")
    identifier, shown = made["id"], made["attributes"]
    assert shown["organization"] is None
    assert shown["html-link"] == f"http://muster.test/v1/service-documents/{identifier}/?html=true"
    assert shown["agreement-required"] is True
    read = (await world.client.get(f"{PATH}{identifier}/")).json()["data"]
    assert read == made
    (event,) = await world.events(ServiceDocumentChanged)
    assert (str(event.service_document_id), event.change) == (identifier, "created")
    audited = (await world.rows("SELECT target, details FROM audit_events WHERE action = 'service-document-created'"))[
        0
    ]
    assert audited.target == f"service-documents:{identifier}"
    assert audited.details == {"type": "terms", "version": "2026-01"}


async def test_the_page_is_clean_and_can_run_nothing(world: World) -> None:
    made = await publish(world, html=NASTY, title="<b>Terms</b> & more")
    answer = await world.client.get(f"{PATH}{made['id']}/", params={"html": "true"})
    page = answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "<title>&lt;b&gt;Terms&lt;/b&gt; &amp; more</title>" in page
    assert '<h1 id="top">Terms</h1>' in page
    assert "Be <b>kind</b>" in page
    assert 'href="https://care.example"' in page
    assert '<img src="data:image/png;base64,AAAA" alt="logo">' in page
    for gone in ("script", "steal", "onclick", "style", "spy.example", "evil", "iframe", "form", "private", "svg"):
        assert gone not in page, gone
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_reflow_and_languages(world: World) -> None:
    spanish = {"locale": "es_US", "title": "Condiciones", "html": "<p>Sea amable.</p>"}
    made = await publish(world, translations=[spanish])
    link = made["attributes"]["translations"][0]["html-link"]
    assert link.endswith(f"/v1/service-documents/{made['id']}/?html=true&locale=es_US")

    async def page(**parameters: Any) -> str:
        return (await world.client.get(f"{PATH}{made['id']}/", params={"html": "true"} | parameters)).text

    assert '<html lang="es-US">' in await page(locale="es_US")
    assert "Sea amable." in await page(locale="es-MX")
    assert "Be kind." in await page(locale="fr_FR")
    plain = await page()
    assert "Be kind." in plain
    assert "viewport" not in plain
    reflowed = await page(reflow="true")
    assert '<meta name="viewport"' in reflowed
    assert "max-width" in reflowed


async def test_an_organizations_documents_are_its_administrators(world: World) -> None:
    organization, place = world.orgs.organization_id, str(world.orgs.organization_id)
    await world.rows("INSERT INTO organizations VALUES (:id, 'o', 'O', true)", id=organization)
    admin = world.client.as_(user_id=await world.staff(organization, role="org.admin"))
    answer = await admin.post(PATH, json=body(organization_id=place))
    assert answer.status_code == 201, answer.text
    made = answer.json()["data"]
    assert made["attributes"]["organization"] == {"id": place}
    path = f"{PATH}{made['id']}/"
    assert (await admin.patch(path, json=change(made["id"], agreement_required=False))).status_code == 200
    member = world.client.as_(user_id=await world.staff(organization))
    other = world.client.as_(user_id=await world.staff(uuid4(), role="org.admin"))
    for client, status in ((member, 403), (other, 404)):
        assert (await client.post(PATH, json=body(organization_id=place, version="2"))).status_code == status
        assert (await client.patch(path, json=change(made["id"], agreement_required=True))).status_code == status
        assert (await client.delete(path)).status_code == status
    assert (await admin.post(PATH, json=body(version="9"))).status_code == 403
    assert (await admin.delete(path)).status_code == 204
    assert (await world.client.get(path)).status_code == 404


async def test_a_versions_text_never_changes(world: World) -> None:
    made = await publish(world)
    operator = world.client.as_operator()
    again = await operator.post(PATH, json=body())
    assert (again.status_code, pointers(again)) == (409, ["/data/attributes/version"])
    for fields in ({"html": "<p>x</p>"}, {"title": "y"}, {"version": "3"}):
        answer = await operator.patch(f"{PATH}{made['id']}/", json=change(made["id"], **fields))
        assert answer.status_code == 400
    spanish = {"locale": "es_US", "title": "Condiciones", "html": "<p>Sea amable.</p>"}
    added = await operator.patch(f"{PATH}{made['id']}/", json=change(made["id"], translations=[spanish]))
    assert [one["locale"] for one in added.json()["data"]["attributes"]["translations"]] == ["es_US"]
    for locale in ("es_US", "en_US"):
        same = change(made["id"], translations=[spanish | {"locale": locale}])
        assert (await operator.patch(f"{PATH}{made['id']}/", json=same)).status_code == 409


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"type": "Terms & co"}, "/data/attributes/type"),
        ({"version": ""}, "/data/attributes/version"),
        ({"version": "v" * 41}, "/data/attributes/version"),
        ({"title": ""}, "/data/attributes/title"),
        ({"html": "<script>1</script>"}, "/data/attributes/html"),
        ({"html": "x" * 200_001}, "/data/attributes/html"),
        ({"locale": "klingon"}, "/data/attributes/locale"),
        ({"organization_id": str(UUID(int=5))}, "/data/attributes/organization-id"),
        ({"unknown": 1}, "/data/attributes/unknown"),
        (
            {"translations": [{"locale": "es_US", "title": "x", "html": "<script></script>"}]},
            "/data/attributes/translations/0/html",
        ),
    ],
)
async def test_what_is_wrong_is_named(world: World, fields: dict[str, Any], pointer: str) -> None:
    answer = await world.client.as_operator().post(PATH, json=body(**fields))
    assert (answer.status_code in {400, 404}, pointers(answer)) == (True, [pointer])


async def test_lists(world: World) -> None:
    organization = world.orgs.organization_id
    place = str(organization)
    await world.rows("INSERT INTO organizations VALUES (:id, 'o', 'O', true)", id=organization)
    first = await publish(world, version="1")
    second = await publish(world, version="2")
    privacy = await publish(world, type="privacy", version="1")
    own = await publish(world, organization_id=place, version="7")

    async def listed(**parameters: Any) -> list[str]:
        sent = {name.replace("_", "-"): value for name, value in parameters.items()}
        answer = await world.client.get(PATH, params=sent)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert await listed(latest="true") == [privacy["id"], second["id"]]
    assert await listed(latest="false") == [privacy["id"], second["id"], first["id"]]
    assert await listed(latest="true", organizations=place) == [privacy["id"], second["id"], own["id"]]
    assert await listed(latest="true", organizations=str(uuid4())) == [privacy["id"], second["id"]]
    assert await listed(latest="true", organization_code="CARE") == [privacy["id"], second["id"], own["id"]]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({}, "latest"),
        ({"latest": "perhaps"}, "latest"),
        ({"latest": "true", "organization-code": "NOBODYS"}, "organization-code"),
        ({"latest": "true", "organization-code": "x" * 21}, "organization-code"),
        ({"latest": "true", "referral-code": "ABCDEFGHJKLM"}, "referral-code"),
        ({"latest": "true", "organizations": "mine"}, "organizations"),
        ({"latest": "true", "organizations": [str(UUID(int=one)) for one in range(11)]}, "organizations"),
        ({"latest": "true", "page[limit]": "0"}, "page[limit]"),
    ],
)
async def test_parameters_that_are_wrong_are_named(world: World, parameters: dict[str, Any], name: str) -> None:
    answer = await world.client.get(PATH, params=parameters)
    assert answer.status_code == 400
    assert [error["source"]["parameter"] for error in answer.json()["errors"]] == [name]


async def test_deleting_brings_the_version_before_back(world: World) -> None:
    first = await publish(world, version="1")
    second = await publish(world, version="2")
    operator = world.client.as_operator()
    assert (await operator.delete(f"{PATH}{second['id']}/")).status_code == 204
    rows = (await world.client.get(PATH, params={"latest": "true"})).json()["data"]
    assert [row["id"] for row in rows] == [first["id"]]
    username, _ = await world.confirmed(service_document_agreements=[first["id"]])
    refused = await operator.delete(f"{PATH}{first['id']}/")
    assert (refused.status_code, codes(refused)) == (409, ["agreed"])
    assert (await world.sign_in(username)).status_code == 201
