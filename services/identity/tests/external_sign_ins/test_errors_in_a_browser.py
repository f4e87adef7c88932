"""Who goes to an identity provider, or comes back, reads a page of what went wrong; programs read JSON."""

from uuid import uuid4

import httpx
import pytest
from identity.parts import parts_of
from identity_world import World, codes
from msgspec import structs

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
ONE = f"/v1/saml-acs/{uuid4()}"
WRONG = {
    "a domain of nobody": ("GET", "/v1/saml-login/?domain=nobodys.example", 400, "no-identity-provider"),
    "a server of nobody": ("GET", "/v1/oauth2-launcher/?iss=https://x.example&launch=x", 400, "no-identity-provider"),
    "came back twice": ("GET", f"/v1/oauth2-redirector/?state={uuid4()}&code=x", 400, "invalid-state"),
    "came back without a state": ("GET", "/v1/oauth2-redirector/?code=x", 400, "required"),
    "an unknown provider's response": ("POST", f"{ONE}/acs/", 404, "not-found"),
    "an unknown code": ("GET", f"{ONE}/finish/?code=x", 400, "invalid-state"),
    "an unknown provider's sign-out": ("GET", f"{ONE}/logout/?SAMLRequest=x", 404, "not-found"),
    "an unknown provider's answer": ("GET", f"{ONE}/logged-out/?SAMLResponse=x", 404, "not-found"),
}


async def came(world: World, method: str, address: str, accept: str | None, **headers: str) -> httpx.Response:
    """Come with what a form or an address brings along."""
    told = headers if accept is None else {"accept": accept, **headers}
    form = {"SAMLResponse": "x"} if method == "POST" else None
    return await world.client.request(method, address, data=form, headers=told)


@pytest.mark.parametrize("case", WRONG)
async def test_a_browser_is_shown_a_page(world: World, case: str) -> None:
    method, address, status, code = WRONG[case]
    answer = await came(world, method, address, BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8"), answer.text
    assert "<h1>This did not work</h1>" in answer.text
    assert f"<code>{code}</code>" in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept, Accept-Language"


@pytest.mark.parametrize("case", WRONG)
async def test_a_program_is_answered_as_ever(world: World, case: str) -> None:
    method, address, status, code = WRONG[case]
    for accept in (None, "*/*", "application/json", "application/json, text/html;q=0.9", "image/png"):
        answer = await came(world, method, address, accept)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), accept
        assert code in codes(answer)
        assert "content-security-policy" not in answer.headers


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("application/json;q=0.1, text/html;q=0.2", True),
        ("text/*", True),
        ("application/problem+json, text/html;q=0.9", False),
        ("application/vnd.api+json, text/html;q=0.9", False),
        ("text/html;q=0", False),
        ("text/html;q=x, ;", False),
        ("", False),
    ],
    ids=["html", "rather html", "any text", "rather problems", "rather JSON:API", "no html", "nonsense", "empty"],
)
async def test_what_is_preferred(world: World, accept: str, page: bool) -> None:
    answer = await came(world, "GET", WRONG["came back twice"][1], accept)
    assert answer.status_code == 400
    assert ("<h1>" in answer.text) is page


async def test_the_page_speaks_the_browsers_language(world: World) -> None:
    spanish = {"accept-language": "es"}
    answer = await came(world, "GET", WRONG["came back twice"][1], BROWSER, **spanish)
    assert '<html lang="es">' in answer.text
    assert "Este inicio de sesión no empezó aquí" in answer.text


async def test_who_comes_too_often_is_told_when(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", structs.replace(parts.settings, throttle_scale=0.005))
    method, address, *_ = WRONG["came back twice"]
    answers = [await came(world, method, address, BROWSER) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert int(answers[1].headers["retry-after"]) >= 1
    assert "Too many attempts" in answers[1].text
