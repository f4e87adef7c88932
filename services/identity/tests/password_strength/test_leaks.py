"""Leaked passwords, in files and at a service that answers as Pwned Passwords does."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from aiohttp import web
from identity.parts import parts_of
from identity.passwords.leaks import checked_source
from identity_world import World
from kernel import SettingsError

LEAKED = "correct horse"
DIGEST = hashlib.sha1(LEAKED.encode()).hexdigest().upper()
PREFIX, SUFFIX = DIGEST[:5], DIGEST[5:]


@pytest.fixture
def source(world: World) -> Iterator[Any]:
    parts = parts_of(world.runtime)
    before = parts.settings

    def choose(value: str) -> None:
        parts.settings = msgspec.structs.replace(before, leaked_passwords=checked_source(value))

    yield choose
    parts.settings = before


async def pwned(world: World, password: str = LEAKED, **fields: Any) -> dict[str, Any]:
    answer = await world.post("/v1/password-strength/", {"password": password, "check-pwned": True} | fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["pwned"]


@pytest.mark.parametrize("name", [f"{PREFIX}.txt", PREFIX, PREFIX.lower()])
async def test_a_folder_of_ranges(world: World, source: Any, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(f"{'0' * 35}:7\r\n{SUFFIX.lower()}:42\r\n")
    source(str(tmp_path))
    assert await pwned(world) == {"times": 42, "message": "Seen 42 times in known leaks."}
    assert await pwned(world, "some-other-Phrase 9") == {"times": 0, "message": "Not seen in known leaks."}
    assert (await pwned(world, **{"check-pwned": False}))["times"] == -1


async def test_a_file_of_hashes(world: World, source: Any, tmp_path: Path) -> None:
    file = tmp_path / "hashes"
    file.write_text(f"{PREFIX}{'0' * 35}:1\n{DIGEST}:3\nnonsense\n")
    source(str(file))
    assert (await pwned(world))["times"] == 3
    file.unlink()
    assert await pwned(world) == {"times": -1, "message": "Whether the password leaked cannot be told now."}


class Ranges:
    """The service. `answer` says what it does."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer = web.Response(text="")

    async def range(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, dict(request.headers)))
        made = self.answer
        return web.Response(status=made.status, body=made.body, headers=made.headers)


@pytest_asyncio.fixture
async def ranges(source: Any) -> AsyncIterator[Ranges]:
    made = Ranges()
    application = web.Application()
    application.router.add_get("/{path:.*}", made.range)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    source(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/range/")
    yield made
    await runner.cleanup()


async def test_a_service_learns_five_digits_of_a_hash(world: World, ranges: Ranges) -> None:
    ranges.answer = web.Response(text=f"{SUFFIX}:9659365\r\n{'A' * 35}:0")
    assert (await pwned(world))["times"] == 9659365
    ((path, headers),) = ranges.asked
    assert path == f"/range/{PREFIX}"
    assert headers["Add-Padding"] == "true"
    assert SUFFIX not in str(headers)
    assert LEAKED not in str(ranges.asked)


async def test_padding_is_no_leak(world: World, ranges: Ranges) -> None:
    ranges.answer = web.Response(text=f"{SUFFIX}:0")
    assert (await pwned(world))["times"] == 0


@pytest.mark.parametrize(
    "answer",
    [
        web.Response(status=503),
        web.Response(status=302, headers={"location": "http://127.0.0.1:1/"}),
        web.Response(body=b"0" * 600_000),
    ],
    ids=["unavailable", "redirected", "endless"],
)
async def test_an_answer_that_does_not_count(world: World, ranges: Ranges, answer: web.Response) -> None:
    ranges.answer = answer
    assert await pwned(world) == {"times": -1, "message": "Whether the password leaked cannot be told now."}
    assert len(ranges.asked) == 1


async def test_a_service_that_is_away(world: World, source: Any) -> None:
    source("http://127.0.0.1:9/range/")
    assert (await pwned(world))["times"] == -1


@pytest.mark.parametrize(
    "value",
    [
        "ftp://example.org/",
        "http://api.example.org/range/",
        "http://1.1.1.1/range/",
        "https://user:secret@example.org/",
        "https://example.org/?q=",
        "relative/path",
        "file:///etc/passwd",
    ],
)
def test_sources_that_are_refused_at_the_start(value: str) -> None:
    with pytest.raises(SettingsError):
        checked_source(value)


@pytest.mark.parametrize(
    "value", ["", "/var/lib/leaks", "https://api.pwnedpasswords.com/range/", "http://10.0.0.7/range"]
)
def test_sources_that_are_taken(value: str) -> None:
    assert checked_source(value) == value
