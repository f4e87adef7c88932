"""Journeys through the gateway of a whole platform.

By default the suite starts one for itself from the embedded servers and stops it at the end. MUSTER_E2E_URL,
MUSTER_E2E_CONSOLE, MUSTER_E2E_ADMIN_EMAIL and MUSTER_E2E_ADMIN_PASSWORD name another one, such as the compose file's.
"""

import json
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from journeys import Gateway
from platforms import Platform
from testkit.servers import free_port


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform that the journeys go through."""
    if url := os.environ.get("MUSTER_E2E_URL"):
        yield Platform(
            url,
            os.environ["MUSTER_E2E_CONSOLE"],
            os.environ["MUSTER_E2E_ADMIN_EMAIL"],
            os.environ["MUSTER_E2E_ADMIN_PASSWORD"],
        )
        return
    home = tmp_path_factory.mktemp("platform")
    os.environ["MUSTER_PORT"] = str(free_port())
    os.environ.setdefault("MUSTER_OUTSIDE_ALLOWED", "127.0.0.0/8")
    before = Platform("", "", "", "", home)
    try:
        before.muster("up")
        urls = json.loads((home / "state.json").read_text())["urls"]
        admin = json.loads((home / "admin.json").read_text())
        yield Platform(urls["gateway"], urls["console"], admin["email"], admin["password"], home)
    finally:
        before.muster("down", check=False)


@pytest_asyncio.fixture
async def gateway(platform: Platform) -> AsyncIterator[Gateway]:
    """Nobody in particular at the gateway."""
    async with httpx.AsyncClient(base_url=platform.gateway, timeout=20) as http:
        yield Gateway(http, platform.console)


@pytest_asyncio.fixture
async def operator(platform: Platform, gateway: Gateway) -> Gateway:
    """The platform's operator, signed in."""
    return await gateway.sign_in(platform.email, platform.password)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One platform serves all journeys, so one worker runs them."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("platform"))
