"""What the pages say, and in which language."""

import re
from importlib import resources
from uuid import UUID, uuid4

import pytest
from contracts.orgs import OrganizationCreated
from contracts.scopes import SCOPES
from hosted_states import shows
from identity.openid.pages import languages
from identity.openid.scopes import ABOUT_PEOPLE
from identity_world import World
from openid_world import DEVICE, Browser, person, registered, request_of

WORDS = re.compile(r't\("([^"]+)"')
PLACES = re.compile(r"\{\w+\}")


async def clinic(world: World) -> UUID:
    made = OrganizationCreated(
        organization_id=uuid4(), number=1, created_by=None, name="clinic", display_name="Clinic <1>"
    )
    await world.hear(made)
    return made.organization_id


def said_by_templates() -> set[str]:
    folder = resources.files("identity.openid.pages").joinpath("templates")
    return {
        words for file in folder.iterdir() if file.name.endswith(".html") for words in WORDS.findall(file.read_text())
    }


def test_spanish_is_whole() -> None:
    spanish = languages.known("es")
    wanted = said_by_templates() | set(ABOUT_PEOPLE.values()) | set(SCOPES.values())
    assert wanted - set(spanish) == set()
    for words, translated in spanish.items():
        assert sorted(PLACES.findall(words)) == sorted(PLACES.findall(translated)), words


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("es", ["es"]),
        ("fr, es-MX;q=0.8, en;q=0.9", ["fr", "en", "es-MX"]),
        ("es;q=0, en;q=0.1", ["en"]),
        ("en;q=x, ;q=1, es", ["es"]),
        ("", []),
        ("a," * 4000, ["a"] * 20),
    ],
    ids=["one", "weights", "refused", "nonsense", "none", "many"],
)
def test_accept_language(header: str, tags: list[str]) -> None:
    assert languages.accepted(header) == tags


async def test_the_client_asks_for_a_language_first(world: World) -> None:
    app, browser = await registered(world), await person(world)
    browser.headers["accept-language"] = "en"
    page = await browser.visit(request_of(app, ui_locales="xx es-419 en"))
    assert '<html lang="es">' in page.text
    wrong = await browser.submit(page, username=browser.username, password="wrong")
    assert "no son correctos" in wrong.text
    assert '<html lang="es">' in (await browser.submit(page, username="x", password="y", csrf="0")).text
    browser.headers["accept-language"] = "es"
    assert '<html lang="en">' in (await browser.visit(request_of(app, ui_locales="en"))).text
    assert '<html lang="es">' in (await browser.visit(request_of(app, ui_locales="fr"))).text
    del browser.headers["accept-language"]
    assert '<html lang="en">' in (await browser.visit(request_of(app))).text


@pytest.mark.parametrize(
    ("answer", "said"), [("go", "está conectado"), ("cancel", "no se ha conectado")], ids=["allowed", "denied"]
)
async def test_a_devices_pages_keep_the_language(world: World, answer: str, said: str) -> None:
    app, browser = await registered(world, grant_types=[DEVICE], redirect_uris=[]), await person(world)
    asked = await world.client.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=app.basic)
    browser.headers["accept-language"] = "en"
    page = await browser.get("/oauth2/device?ui_locales=es-419")
    for wrong in ({"csrf": "0"}, {"user_code": "BBBB-BBBB"}):
        assert '<html lang="es">' in (await browser.submit(page, **wrong)).text
    page = await browser.submit(page, user_code="BBBB-BBBB")
    page = await browser.submit(page, user_code=asked.json()["user_code"])
    assert '<html lang="es">' in page.text
    page = await browser.submit(await browser.sign_in(page), answer=answer)
    assert ('<html lang="es">' in page.text, said in page.text) == (True, True)


async def test_a_device_form_in_no_language_of_ours(world: World) -> None:
    browser = Browser(world)
    browser.headers["accept-language"] = "es"
    page = await browser.get("/oauth2/device")
    assert '<html lang="es">' in (await browser.submit(page, ui_locales="fr")).text
    assert '<html lang="es">' in (await browser.submit(page, ui_locales="\x00")).text


async def test_an_organization_shows_itself(world: World) -> None:
    organization_id = await clinic(world)
    shows(world, organization_id)
    app = await registered(world, organization_id=organization_id)
    page = await Browser(world).visit(request_of(app))
    assert f'<img src="http://muster.test/v1/organizations/{organization_id}/logo/' in page.text
    assert "<span>Clinic &lt;1&gt;</span>" in page.text
    assert 'href="mailto:help@clinic.test"' in page.text
    world.orgs.shown.clear()
    assert "/logo/" in (await Browser(world).visit(request_of(app))).text


async def test_pictures_of_other_sites_are_left_out(world: World) -> None:
    organization_id = await clinic(world)
    shows(world, organization_id)
    world.orgs.shown[str(organization_id)]["logo-urls"] = {"small": "https://pixel.example/1.png"}
    app = await registered(world, organization_id=organization_id)
    page = await Browser(world).visit(request_of(app))
    assert "<img" not in page.text
    assert "Clinic's help desk" in page.text.replace("&#39;", "'")
