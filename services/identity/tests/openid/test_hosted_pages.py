"""Every hosted page in both languages, as a browser sees it."""

import json
import os
import shutil
from pathlib import Path

import httpx
import pytest
from hosted_states import NAMES, Hosted, arranged, every
from identity.passkeys import ceremonies
from identity_world import Json, World
from openid_world import HIDDEN
from testkit import node
from testkit.client import BASE_URL
from upstreams import Federation

FOLDER = Path(__file__).parent.parent / "hosted_pages"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LANGUAGES = ("en", "es")
DARK = "rgb(18, 21, 25)"


@pytest.fixture
async def hosted(world: World, federation: Federation, upstream: str) -> Hosted:
    return await arranged(world, federation, upstream)


def browser() -> str:
    """Chromium, or the one that MUSTER_TEST_BROWSER names."""
    given = os.environ.get("MUSTER_TEST_BROWSER")
    found = given or next((path for name in BROWSERS if (path := shutil.which(name))), None)
    assert found, "no Chromium: install it (Debian and Ubuntu: apt-get install chromium) or set MUSTER_TEST_BROWSER"
    return found


def as_shown(language: str, name: str, answer: httpx.Response) -> Json:
    """A page for the browser, which finds it at an address that counts as secure, so that passkeys work."""
    headers = {key: value for key, value in answer.headers.items() if key not in {"set-cookie", "content-length"}}
    body = answer.text.replace(BASE_URL, "ORIGIN")
    return {"name": f"{name}-{language}", "status": answer.status_code, "headers": headers, "body": body}


@pytest.mark.browser
async def test_pages_are_for_everybody(hosted: Hosted) -> None:
    """No finding of axe, and nothing that the pages' own policy keeps out, wide and narrow, light and dark.

    With MUSTER_TEST_PICTURES (a folder) each page is kept as a picture.
    """
    program = browser()
    states = {language: await every(hosted, language) for language in LANGUAGES}
    pages = [as_shown(language, name, states[language][name]) for language in LANGUAGES for name in NAMES]
    asked = {"browser": program, "pages": pages}
    asked["pictures"] = os.environ.get("MUSTER_TEST_PICTURES")
    done = node.run(FOLDER, "look.mjs", input=json.dumps(asked), timeout=240)
    assert done.returncode == 0, done.stderr
    found, passkey = json.loads(done.stdout).values()
    assert len(found) == 2 * len(pages)
    for one in found:
        wrong = {key: one[key] for key in ("violations", "broken", "sideways", "small") if one[key]}
        assert wrong == {}, one
        assert one["headings"] == 1
        assert all(one["pictures"]), one
        assert one["language"] == one["name"].rpartition("-")[2]
        assert (one["ground"] == DARK) == ("dark" in one["way"])
        asks = one["name"].startswith(("sign-in", "second-factor"))
        assert one["passkey"] is (True if asks else None), one
        assert not asks or one["focus"] in {"username", "password", "code"}, one
    hidden = dict(HIDDEN.findall(states["es"]["sign-in"].text))
    assert (passkey["interaction"], passkey["csrf"]) == (hidden["interaction"], hidden["csrf"])
    signed = ceremonies.challenge_of(passkey["credential"]), ceremonies.credential_of(passkey["credential"])
    assert signed == (b"challenge", (b"key", b"ada"))
    assert passkey["failed"].startswith("Ninguna llave de acceso ha respondido")


async def test_every_state_in_both_languages(hosted: Hosted) -> None:
    english, spanish = [await every(hosted, language) for language in LANGUAGES]
    assert sorted(english) == sorted(spanish) == NAMES
    assert "/oauth2/documents" in spanish["documents"].text
    for name in NAMES:
        assert english[name].text.count('<html lang="en">') == spanish[name].text.count('<html lang="es">') == 1
        assert spanish[name].headers["content-language"] == "es"
        assert spanish[name].text.count("<h1>") == 1
        assert 'lang="en"' not in spanish[name].text or name in {"documents", "problem"}, name
