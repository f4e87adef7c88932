"""What other people name is reached only where it is public, once it was looked at."""

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from chassis import outside
from kernel import Invalid, SettingsError

HERE = "127.0.0.0/8"


def process(excepted: str = "", session: Any = None) -> Any:
    return SimpleNamespace(common=SimpleNamespace(outside_allowed=excepted), outside=session)


@pytest.mark.parametrize(
    "url",
    [
        "https://idp.example.com/metadata",
        "https://idp.example.com:8443/metadata?x=1",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
    ],
)
def test_public_addresses_may_be_named(url: str) -> None:
    assert outside.check(process(), url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://idp.example.com/",
        "ftp://idp.example.com/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "https://",
        "https:///path",
        "//idp.example.com/",
        "https://user@idp.example.com/",
        "https://user:word@idp.example.com/",
        "https://idp.example.com/#part",
        "https://idp.example.com:22/",
        "https://idp.example.com:99999/",
        "https://idp.example.com/a b",
        "https://idp.example.com\\@127.0.0.1/",
        "https://127.0.0.1/",
        "https://127.0.0.1./",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://168.63.129.16/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fd00:ec2::254]/",
        "https://[fe80::1%25eth0]/",
        "https://[fec0::1]/",
        "https://" + "a" * 2048 + "/",
    ],
)
def test_what_lies_inside_or_is_no_https_address_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        outside.check(process(), url, pointer="/url")
    assert refused.value.code == "address-not-allowed"
    assert refused.value.pointer == "/url"


def test_development_names_what_may_be_reached_inside() -> None:
    here = process("127.0.0.0/8, idp.internal")
    for url in ("http://127.0.0.1:8080/", "https://127.0.0.2/", "http://idp.internal/x"):
        assert outside.check(here, url) == url
    for url in ("http://10.0.0.1/", "http://other.internal/", "https://[::1]/"):
        with pytest.raises(Invalid):
            outside.check(here, url)
    with pytest.raises(SettingsError):
        outside.allowed("10.0.0.0/99")


@pytest_asyncio.fixture
async def server() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.StreamResponse:
        match request.path:
            case "/redirect":
                return web.Response(status=302, headers={"location": "/large"})
            case "/slow":
                await asyncio.sleep(5)
            case "/large":
                return web.Response(body=b"x" * 300_000)
            case _:
                pass
        return web.Response(body=request.method.encode() + await request.read(), headers={"X-Mark": "1"})

    application = web.Application()
    application.router.add_route("*", "/{any:.*}", answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield str(runner.addresses[0][1])
    await runner.cleanup()


async def test_an_answer_is_cut_off_and_no_redirect_followed(server: str) -> None:
    async with outside.session(outside.allowed(HERE)) as session:
        here, address = process(HERE, session), f"http://127.0.0.1:{server}"
        posted = await outside.fetch(here, "POST", f"{address}/x", body=b"body")
        assert (posted.status, posted.body, posted.headers["x-mark"], posted.cut) == (200, b"POSTbody", "1", False)
        assert (await outside.fetch(here, "GET", f"{address}/redirect")).status == 302
        large = await outside.fetch(here, "GET", f"{address}/large", most=1000)
        assert (len(large.body), large.cut) == (1000, True)
        with pytest.raises(outside.Unreached) as late:
            await outside.fetch(here, "GET", f"{address}/slow", deadline=0.05)
        assert late.value.reason == "time"


@pytest.mark.parametrize("name", ["localhost", "2130706433", "0x7f000001", "127.1", "localhost."])
async def test_a_name_that_leads_inside_leads_nowhere(server: str, name: str) -> None:
    async with outside.session(outside.allowed("")) as session:
        with pytest.raises(outside.Unreached) as refused:
            await outside.fetch(process("", session), "GET", f"https://{name}:{server}/")
    assert refused.value.reason in {"address", "protocol"}


async def test_what_does_not_answer_says_why(server: str) -> None:
    async with outside.session(outside.allowed(HERE)) as session:
        here = process(HERE, session)
        for url, reason in {
            f"https://127.0.0.1:{server}/": "certificate",
            "http://127.0.0.1:1/": "connection",
            "https://no-such-name.invalid/": "address",
        }.items():
            with pytest.raises(outside.Unreached) as refused:
                await outside.fetch(here, "GET", url)
            assert refused.value.reason == reason, url
