"""The object store over a folder and over a server of the S3 API that checks signatures."""

import resource
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from chassis.app import build
from chassis.objects import Objects
from chassis.revocations import Revocations
from chassis.settings import ServiceSettings
from kernel import DomainError, NotFound, Unavailable
from testkit import principals, servers
from testkit.client import Client

MEGABYTE = 1024 * 1024
SERVERS = {"database_url": "postgresql://not-used/x", "nats_url": "nats://not-used", "public_url": "http://muster.test"}


def folder_settings(folder: Path) -> ServiceSettings:
    return ServiceSettings(**SERVERS, objects_url=f"file:{folder}", service_secret="sign by this")


@pytest.fixture(scope="module")
def s3_settings(run_folder: Path):
    with servers.shared(run_folder, "s3", servers.s3) as url:
        word = servers.S3_WORD
        yield ServiceSettings(
            **SERVERS,
            objects_url=f"s3://{word}/some/where",
            objects_endpoint=url,
            objects_key_id=word,
            objects_secret=word,
        )


@pytest_asyncio.fixture
async def folder_client(tmp_path: Path) -> AsyncIterator[Client]:
    options = {"verifier": principals.verifier(), "revocations": Revocations(), "connected": False}
    app = build("sample", folder_settings(tmp_path), routes=[], **options)
    async with Client(app) as opened:
        yield opened


@pytest.fixture(params=["folder", "s3"])
def objects(request, tmp_path: Path) -> Objects:
    if request.param == "folder":
        return Objects(folder_settings(tmp_path), "sample")
    return Objects(request.getfixturevalue("s3_settings"), "sample")


async def many(pieces: int, failing: bool = False) -> AsyncIterator[bytes]:
    for _ in range(pieces):
        yield b"x" * 65_536
    if failing:
        raise DomainError("Too much.", status=413)


async def test_bytes_go_in_and_come_out(objects: Objects, tmp_path: Path) -> None:
    await objects.put("a/one.txt", b"hello", content_type="text/plain")
    assert await objects.get("a/one.txt", most=5) == b"hello"
    assert await objects.size("a/one.txt") == 5
    file = tmp_path / "source"
    file.write_bytes(b"from a file")
    await objects.put("a/two", file, content_type="text/plain", filename="ñ.txt")
    assert b"".join([piece async for piece in await objects.stream("a/two")]) == b"from a file"
    with pytest.raises(DomainError) as refused:
        await objects.get("a/one.txt", most=4)
    assert refused.value.status == 413
    await objects.delete("a/one.txt", "a/two", "a/never")
    for read in (objects.get("a/one.txt", most=1), objects.size("a/one.txt"), objects.stream("a/one.txt")):
        with pytest.raises(NotFound):
            await read


async def test_what_fails_on_the_way_leaves_nothing(objects: Objects) -> None:
    with pytest.raises(DomainError) as refused:
        await objects.put("broken", many(120, failing=True), content_type="text/plain")
    assert refused.value.status == 413
    with pytest.raises(NotFound):
        await objects.size("broken")


async def test_large_ones_need_little_memory(objects: Objects) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    await objects.put("large", many(3200), content_type="text/plain")
    size = 0
    async for piece in await objects.stream("large"):
        size += len(piece)
    assert size == 200 * MEGABYTE
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 80 * 1024
    await objects.delete("large")


@pytest.mark.parametrize("key", ["", "/a", "a/", "../a", "a/../b", "a//b", ".a", "a\n", "a b", "x" * 513])
async def test_keys_that_can_not_be(objects: Objects, key: str) -> None:
    with pytest.raises(NotFound):
        await objects.put(key, b"", content_type="text/plain")
    with pytest.raises(NotFound):
        await objects.upload_link(key, content_type="text/plain", most=1)


async def test_a_store_that_is_away() -> None:
    settings = ServiceSettings(
        **SERVERS,
        objects_url="s3://bucket",
        objects_endpoint=f"http://127.0.0.1:{servers.free_port()}",
        objects_key_id="x",
        objects_secret="x",
    )
    with pytest.raises(Unavailable):
        await Objects(settings, "sample").size("a")


def after(url: str) -> str:
    return url.removeprefix("http://muster.test")


async def test_links_to_a_folder(folder_client: Client) -> None:
    objects: Objects = folder_client.app.state.runtime.objects
    up = await objects.upload_link("a/one", content_type="image/png", most=10)
    assert (up.method, up.headers) == ("PUT", {"Content-Type": "image/png"})
    for _ in range(2):
        assert (await folder_client.put(after(up.url), content=b"0123456789", headers=up.headers)).status_code == 201
    down = await objects.download_link("a/one", content_type="image/png", filename="ñ.png")
    answer = await folder_client.get(after(down.url))
    assert (answer.status_code, answer.content) == (200, b"0123456789")
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%B1.png"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_folder_takes_no_more_than_the_link_says(folder_client: Client) -> None:
    objects: Objects = folder_client.app.state.runtime.objects
    up = await objects.upload_link("a/one", content_type="image/png", most=10)
    put = folder_client.put
    assert (await put(after(up.url), content=b"01234567890", headers=up.headers)).status_code == 413

    async def untold() -> AsyncIterator[bytes]:
        yield b"01234"
        yield b"567890"

    assert (await put(after(up.url), content=untold(), headers=up.headers)).status_code == 413
    assert (await put(after(up.url), content=b"x", headers={"content-type": "text/html"})).status_code == 400
    with pytest.raises(NotFound):
        await objects.size("a/one")


async def test_nothing_of_a_link_may_be_changed(folder_client: Client) -> None:
    objects: Objects = folder_client.app.state.runtime.objects
    await objects.put("a/one", b"secret", content_type="text/plain")
    await objects.put("a/two", b"secret", content_type="text/plain")
    url = after((await objects.download_link("a/one", content_type="text/plain", filename="x")).url)
    up = after((await objects.upload_link("a/one", content_type="text/plain", most=5)).url)
    assert (await folder_client.get(url)).status_code == 200
    changed = [
        url.replace("a/one", "a/two"),
        url.replace("expires=", "expires=1"),
        url.replace("text%2Fplain", "text%2Fhtml"),
        url.replace("name=x", "name=y"),
        url[:-1] + ("0" if url[-1] != "0" else "1"),
        url[:-1] + "%C3%B1",
        up,
    ]
    assert [(await folder_client.get(one)).status_code for one in changed] == [403] * len(changed)
    head = {"content-type": "text/plain"}
    for one in (url, up.replace("most=5", "most=6")):
        assert (await folder_client.put(one, content=b"x", headers=head)).status_code == 403
    for missing in ("signature", "expires", "type"):
        kept = "&".join(part for part in urlsplit(url).query.split("&") if not part.startswith(missing))
        assert (await folder_client.get(f"{urlsplit(url).path}?{kept}")).status_code == 400
    late = await objects.download_link("a/one", content_type="text/plain", lives=timedelta(seconds=-1))
    answer = await folder_client.get(after(late.url))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "link-refused")
    gone = await objects.download_link("a/three", content_type="text/plain")
    assert (await folder_client.get(after(gone.url))).status_code == 404


async def test_other_processes_of_the_service_take_the_link(tmp_path: Path) -> None:
    """The key comes from the service's secret; another service's is another."""
    first, second = Objects(folder_settings(tmp_path), "sample"), Objects(folder_settings(tmp_path), "sample")
    other = Objects(folder_settings(tmp_path), "other")
    links = [(await one.download_link("a", content_type="x/y")).url for one in (first, second, other)]
    signatures = [url.rpartition("=")[2] for url in links]
    assert signatures[0] == signatures[1] != signatures[2]


async def test_links_to_s3(s3_settings: ServiceSettings) -> None:
    objects = Objects(s3_settings, "sample")
    up = await objects.upload_link("a/signed", content_type="image/png", most=10)
    async with httpx.AsyncClient() as client:
        assert (await client.put(up.url, content=b"picture", headers=up.headers)).status_code == 200
        assert (await client.get(up.url)).status_code == 403
        assert (await client.put(up.url.replace("signed", "other"), content=b"x")).status_code == 403
        down = await objects.download_link("a/signed", content_type="image/png")
        answer = await client.get(down.url)
        assert (answer.content, answer.headers["content-type"]) == (b"picture", "image/png")
        assert (await client.get(down.url.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))).status_code == 403
        bare = down.url.partition("?")[0]
        assert (await client.get(bare)).status_code == 403
    assert await objects.get("a/signed", most=10) == b"picture"


async def test_s3_never_serves_through_this_service(s3_settings: ServiceSettings) -> None:
    options = {"verifier": principals.verifier(), "revocations": Revocations(), "connected": False}
    async with Client(build("sample", s3_settings, routes=[], **options)) as client:
        assert (await client.get("/v1/objects/sample/a?expires=1&type=x&signature=y")).status_code == 404
