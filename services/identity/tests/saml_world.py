"""An organization whose people sign in through a SAML provider that pysaml2 plays."""

from typing import Any
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from identity_world import codes
from saml_idp import NAMES, Keys, SamlProvider
from testkit.client import Client
from upstreams import APPLICATION, Federation

Json = dict[str, Any]


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("saml"))


@pytest.fixture(scope="session")
def other_keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return Keys(tmp_path_factory.mktemp("other"))


class Clinic:
    """A SAML provider that is set up for an organization."""

    def __init__(self, federation: Federation, provider: Json, idp: SamlProvider) -> None:
        self.federation, self.idp = federation, idp
        self.id: str = provider["id"]
        self.here: Json = provider["attributes"]["service-provider"]

    async def begun(self) -> tuple[Client, str]:
        """A browser, and where it was sent."""
        browser = self.federation.browser()
        return browser, await self.federation.start(browser, self.id)

    async def post(self, form: Json, browser: Client | None = None) -> httpx.Response:
        return await (browser or self.federation.browser()).post(f"/v1/saml-acs/{self.id}/acs/", data=form)

    async def signed_in(self, **options: Any) -> httpx.Response:
        """Sign in; the answer that sends the browser to the application."""
        browser, address = await self.begun()
        return await browser.get(await self.finishing(self.idp.answered(address, **options)))

    async def finishing(self, form: Json) -> str:
        """Post a response as a browser does from another site, without cookies; where it is sent then."""
        answer = await self.post(form)
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def tokens(self, **options: Any) -> Json:
        answer = await self.federation.exchanged(await self.signed_in(**options))
        assert answer.status_code == 201, answer.text
        return answer.json()

    async def refused(self, form: Json) -> str:
        """What is said of a response that does not count."""
        answer = await self.post(form)
        assert answer.status_code == 400, answer.text
        assert codes(answer)[0] in {"invalid-saml-message", "invalid-state", "invalid-xml"}, answer.text
        people = await self.federation.world.rows(
            "SELECT id FROM external_identities WHERE provider_id = :id", id=UUID(self.id)
        )
        assert people == []
        return answer.json()["errors"][0]["detail"]


@pytest_asyncio.fixture
async def clinic(federation: Federation, keys: Keys) -> Clinic:
    return await set_up(federation, keys)


async def set_up(federation: Federation, keys: Keys, **attributes: Any) -> Clinic:
    idp = SamlProvider(keys)
    standing = {"protocol": "saml", "metadata": idp.metadata, "redirect-addresses": [APPLICATION]}
    answer = await federation.create(**{**standing, **attributes})
    assert answer.status_code == 201, answer.text
    made = Clinic(federation, answer.json()["data"], idp)
    described = await federation.browser().get(made.here["metadata-url"])
    assert described.headers["content-type"].startswith("application/samlmetadata+xml")
    idp.meet(described.text)
    return made


def every(root: Any, path: str) -> list[Any]:
    return list(root.iterfind(path, NAMES))


def text(path: str, value: str) -> Any:
    """A change of all texts at a path."""

    def edit(root: Any) -> None:
        for node in every(root, path):
            node.text = value

    return edit
