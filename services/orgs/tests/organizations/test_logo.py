import asyncio
import io
import struct
import zlib
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from contracts.orgs import OrganizationUpdated
from orgs.organizations import logos
from orgs_world import World, ok, pointers, refused
from PIL import Image, PngImagePlugin
from sqlalchemy import text

SECRET = "taken at 41.38 N"


def picture(size=(300, 200), kind="PNG", mode="RGB", **options) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, 120 if mode == "L" else (10, 90, 200)[: len(mode)]).save(made, kind, **options)
    return made.getvalue()


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes that claims to be very large."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100_000), 9)) + chunk(b"IEND", b"")


async def upload(world: World, organization, content: bytes, kind: str = "image/png"):
    body = {"content-type": kind, "filename": "logo.png"}
    answer = await world.operator.post(f"/v1/organizations/{organization}/upload-logo/", json=body)
    data = ok(answer, 201)["data"]
    url = data["upload-url"].partition("/v1/objects/")
    headers = data["upload-data"]["headers"]
    return data, await world.client.put(url[1] + url[2], content=content, headers=headers)


async def process(world: World, organization, client=None):
    return await (client or world.operator).post(f"/v1/organizations/{organization}/process-logo-upload/", json={})


async def fetched(world: World, url: str) -> Image.Image:
    answer = await world.client.get("/v1/" + url.partition("/v1/")[2])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    return Image.open(io.BytesIO(answer.content))


async def test_a_picture_becomes_a_logo_of_three_sizes(world: World, outbox, app) -> None:
    organization = await world.organization()
    text_chunk = PngImagePlugin.PngInfo()
    text_chunk.add_text("Comment", SECRET)
    data, put = await upload(world, organization, picture((2000, 1000), pnginfo=text_chunk))
    assert put.status_code == 201
    assert data["upload-data"]["method"] == "PUT"
    assert 0 < data["expiration-time"] - datetime.now(UTC).timestamp() <= 900
    shown = ok(await process(world, organization), 201)["data"]["attributes"]
    assert shown["logo-ready-to-use"] is True
    event = (await outbox())[-1]
    assert isinstance(event, OrganizationUpdated)
    sizes = {name: await fetched(world, url) for name, url in shown["logo-urls"].items()}
    assert {name: one.size for name, one in sizes.items()} == {
        "small": (64, 32),
        "medium": (256, 128),
        "large": (1024, 512),
    }
    assert all(not one.info for one in sizes.values())
    left = [key async for key in objects_of(app, organization)]
    assert sorted(left) == ["large", "medium", "small"]
    assert refused(await process(world, organization), 409)[0]["code"] == "nothing-uploaded"


async def objects_of(app, organization):
    objects = app.state.runtime.objects
    listed = await objects._opened().list(f"logos/{organization}").collect_async()
    for found in listed:
        yield found["path"].rpartition("/")[2]


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "GIF", "PNG"])
async def test_every_format_and_no_metadata(world: World, kind: str) -> None:
    organization = await world.organization()
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = 6
    options = {"exif": exif} if kind != "GIF" else {"comment": SECRET.encode()}
    await upload(world, organization, picture((200, 100), kind, **options), f"image/{kind.lower()}")
    urls = ok(await process(world, organization), 201)["data"]["attributes"]["logo-urls"]
    answer = await world.client.get("/v1/" + urls["large"].partition("/v1/")[2])
    assert SECRET.encode() not in answer.content
    large = Image.open(io.BytesIO(answer.content))
    assert large.size == ((100, 200) if kind != "GIF" else (200, 100))
    assert not large.getexif()


async def test_a_logo_is_kept_by_caches_until_it_changes(world: World) -> None:
    organization = await world.organization()
    path = f"/v1/organizations/{organization}/logo/?size=small"
    refused(await world.client.get(path), 404)
    await upload(world, organization, picture())
    first = ok(await process(world, organization), 201)["data"]["attributes"]["logo-urls"]["small"]
    answer = await world.client.get(path)
    assert "public" in answer.headers["cache-control"]
    again = await world.client.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await upload(world, organization, picture((10, 10)))
    second = ok(await process(world, organization), 201)["data"]["attributes"]["logo-urls"]["small"]
    assert first != second
    assert (await world.client.get(path, headers={"if-none-match": answer.headers["etag"]})).status_code == 200
    assert (await world.client.get("/v1/organizations/" + str(organization) + "/logo/?size=huge")).status_code == 400
    code = await world.operator.post(
        "/v1/organization-codes/",
        json={"data": {"type": "organization-codes", "attributes": {"organization-id": str(organization)}}},
    )
    info = await world.client.get(f"/v1/organization-code-info/{ok(code, 201)['data']['id']}/")
    assert ok(info)["data"]["attributes"]["organization"]["logo-url"] == second.replace("small", "medium")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-an-image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not-an-image"),
        (b"%PDF-1.7", "not-an-image"),
        (picture()[:200], "not-an-image"),
        (bomb(1000, 1000), "not-an-image"),
        (bomb(50_000, 50_000), "not-an-image"),
        (bomb(5_000, 5_000), "too-many-pixels"),
        (picture((4001, 4000), "PNG", "L"), "too-many-pixels"),
        (picture((1, 1), "BMP"), "not-an-image"),
    ],
    ids=["empty", "svg", "pdf", "cut", "broken", "huge-bomb", "bomb", "large", "bmp"],
)
async def test_what_is_no_picture_or_a_bomb_changes_nothing(world: World, content: bytes, code: str) -> None:
    organization = await world.organization()
    _, put = await upload(world, organization, content)
    assert put.status_code == 201
    assert refused(await process(world, organization), 400)[0]["code"] == code
    shown = ok(await world.operator.get(f"/v1/organizations/{organization}/"))["data"]["attributes"]
    assert (shown["logo-ready-to-use"], shown["logo-urls"]) == (False, None)


async def test_too_large_a_file_is_not_taken(world: World) -> None:
    _, put = await upload(world, await world.organization(), bytes(5 * 1024 * 1024 + 1))
    assert put.status_code == 413


async def test_bad_input_is_named(world: World) -> None:
    path = f"/v1/organizations/{await world.organization()}/upload-logo/"
    answer = await world.operator.post(path, json={"content-type": "image/svg+xml", "filename": "a.svg"})
    assert pointers(answer, 400) == {"/content-type"}
    answer = await world.operator.post(path, json={"content-type": "x" * 256, "filename": ""})
    assert pointers(answer, 400) == {"/content-type", "/filename"}
    assert pointers(await world.operator.post(path, json={}), 400) == {"/content-type", "/filename"}


async def test_no_more_than_thirty_uploads_an_hour(world: World, session) -> None:
    organization = await world.organization()
    insert = "INSERT INTO logo_uploads (id, organization_id) SELECT uuidv7(), :id FROM generate_series(1, 30)"
    await session.execute(text(insert), {"id": organization})
    body = {"content-type": "image/png", "filename": "a.png"}
    refused(await world.operator.post(f"/v1/organizations/{organization}/upload-logo/", json=body), 429)


async def test_what_is_not_used_is_swept(world: World, app, session) -> None:
    organization = await world.organization()
    await upload(world, organization, picture())
    ok(await process(world, organization), 201)
    await upload(world, organization, picture())
    await session.execute(text("UPDATE logo_uploads SET created_at = now() - interval '2 days'"))
    await logos._sweep(app.state.runtime)
    rows = await session.execute(text("SELECT id FROM logo_uploads WHERE organization_id = :id"), {"id": organization})
    assert len(rows.all()) == 1
    assert len([key async for key in objects_of(app, organization)]) == 3
    shown = ok(await world.operator.get(f"/v1/organizations/{organization}/"))["data"]["attributes"]
    await fetched(world, shown["logo-urls"]["large"])


async def test_the_link_of_one_organization_is_not_that_of_another(world: World) -> None:
    """Another's upload is not processed, and a stranger may neither ask for a link nor process."""
    mine, other = await world.organization(), await world.organization()
    await upload(world, mine, picture())
    assert refused(await process(world, other), 409)[0]["code"] == "nothing-uploaded"
    stranger = world.as_(await world.staff(other, "org.admin"))
    refused(await process(world, mine, stranger), 404)
    body = {"content-type": "image/png", "filename": "a.png"}
    refused(await stranger.post(f"/v1/organizations/{mine}/upload-logo/", json=body), 404)
    refused(await world.operator.post(f"/v1/organizations/{uuid4()}/upload-logo/", json=body), 404)


async def test_processing_one_upload_many_times_at_once(live_world: World) -> None:
    organization = await live_world.organization()
    data, _ = await upload(live_world, organization, picture())
    answers = await asyncio.gather(*(process(live_world, organization) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]
    made = next(answer for answer in answers if answer.status_code == 201)
    assert UUID(data["id"]).hex in made.text.replace("-", "")
