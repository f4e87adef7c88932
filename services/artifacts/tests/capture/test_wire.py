"""How events may be written on the wire."""

import base64
import gzip
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID, uuid4

import msgspec
import pytest
from artifacts.capture import items
from artifacts_capturing import event


def encoded(project, *events, **more) -> bytes:
    return msgspec.json.encode({"api_key": project.token, "batch": list(events), **more})


@pytest.mark.parametrize("path", ["/batch/", "/batch", "/capture/", "/i/v0/e/", "/e/"])
async def test_every_path(project, path):
    await project.sent(event("a", "ann"), path=path)
    assert len(await project.events()) == 1


async def test_gzip(world, project):
    body = gzip.compress(encoded(project, event("a", "ann")))
    for number, (headers, query) in enumerate(
        [({"content-encoding": "gzip"}, ""), ({"content-type": "text/plain"}, "?compression=gzip-js"), ({}, "")], 1
    ):
        answer = await world.client.post(f"/e/{query}", content=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert len(await project.events()) == number


async def test_forms_and_base64(world, project):
    one = msgspec.json.encode({"event": "a", "distinct_id": "ann>?~", "properties": {"token": project.token}})
    packed = base64.b64encode(one).decode()
    form = {"content-type": "application/x-www-form-urlencoded"}
    for body, headers in (
        (urlencode({"data": packed}), form),
        (f"data={packed}", form),
        (urlencode({"data": packed, "compression": "base64"}), form),
        (urlencode({"data": one.decode(), "token": project.token}), form),
        (packed, {"content-type": "text/plain"}),
        (base64.urlsafe_b64encode(gzip.compress(one)).decode().rstrip("="), {}),
    ):
        answer = await world.client.post("/e/", content=body, headers=headers)
        assert answer.status_code == 200, (body, answer.text)
    kept = await project.events()
    assert [one.distinct_id for one in kept] == ["ann>?~"] * 6


async def test_the_token_may_stand_anywhere(world, project):
    for path, body in (
        ("/capture/", {"token": project.token, **event("a", "ann")}),
        ("/capture/", {**event("a", "ann"), "properties": {"token": project.token}}),
        ("/e/", [{"api_key": project.token, **event("a", "ann")}]),
        (f"/e/?token={project.token}", [event("a", "ann")]),
    ):
        answer = await world.client.post(path, json=body)
        assert answer.status_code == 200, answer.text
    assert len(await project.events()) == 4


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 400, "no event"),
        (b"{", 400, "not JSON"),
        (b"\x1f\x8bnonsense", 400, "gzip"),
        (gzip.compress(b'{"api_key": "x"}')[:-9], 400, "too early"),
        (b"3", 400, "not JSON"),
        (b'{"batch": 3}', 400, "list of events"),
        (b"!!!!", 400, "not JSON"),
        (b'{"api_key": "phc_other", "event": "a", "distinct_id": "x"}', 401, "token"),
        (b'{"event": "a", "distinct_id": "x"}', 401, "token"),
        (b'{"api_key": 7, "event": "a", "distinct_id": "x"}', 401, "token"),
        (b"[" * 5000, 400, "not JSON|nested"),
    ],
    ids=range(11),
)
async def test_bodies_that_cannot_be_taken(world, project, body, status, said):
    answer = await world.client.post("/batch/", content=body)
    assert answer.status_code == status, answer.text
    assert any(word in answer.json()["detail"] for word in said.split("|"))
    assert answer.json()["type"] in {"validation_error", "authentication_error"}


async def test_other_compressions_are_refused_by_name(world, project):
    answer = await world.client.post("/e/?compression=lz64", content=encoded(project, event("a", "ann")))
    assert (answer.status_code, "lz64" in answer.json()["detail"]) == (400, True)
    answer = await world.client.post("/e/", content=b"x", headers={"content-encoding": "br"})
    assert (answer.status_code, "br" in answer.json()["detail"]) == (400, True)


async def test_bombs_and_what_is_too_large(world, project):
    bomb = gzip.compress(b"[" + b" " * 30_000_000 + b"]")
    assert (await world.client.post("/batch/", content=bomb)).status_code == 413
    assert (await world.client.post("/batch/", content=b"{" + b" " * 20 * 1024 * 1024 + b"}")).status_code == 413
    many = msgspec.json.encode({"api_key": project.token, "batch": [{}] * (items.MOST_ITEMS + 1)})
    assert (await world.client.post("/batch/", content=many)).status_code == 413


BAD = [
    ("nothing", "An event is an object."),
    ({"distinct_id": "x"}, "name"),
    ({"event": "", "distinct_id": "x"}, "name"),
    ({"event": 3, "distinct_id": "x"}, "name"),
    ({"event": "a"}, "distinct_id"),
    ({"event": "a", "distinct_id": {}}, "distinct_id"),
    ({"event": "a" * 201, "distinct_id": "x"}, "200"),
    ({"event": "a", "distinct_id": "x" * 201}, "200"),
    ({"event": "a", "distinct_id": "x\x00"}, "cannot be kept"),
    ({"event": "a", "distinct_id": "x", "properties": {"t": "\x00"}}, "cannot be kept"),
    ({"event": "a", "distinct_id": "x", "properties": [0]}, "properties"),
    ({"event": "a", "distinct_id": "x", "properties": [1]}, "properties"),
    ({"event": "a", "distinct_id": "x", "properties": {"t": "x" * 1024 * 1024}}, "bytes"),
    ({"event": "a", "distinct_id": "x", "$set": "x"}, "$set"),
    ({"event": "a", "distinct_id": "x", "$unset": "x"}, "$unset"),
    ({"event": "a", "distinct_id": "x", "$set": {str(n): n for n in range(1001)}}, "1000"),
    ({"event": "a", "distinct_id": "x", "uuid": "7"}, "UUID"),
    ({"event": "a", "distinct_id": "x", "timestamp": "yesterday"}, "ISO"),
    ({"event": "a", "distinct_id": "x", "timestamp": {}}, "ISO"),
]


async def test_bad_events_do_not_spoil_the_others(project):
    body = await project.sent(event("good", "ann"), *(item for item, _ in BAD), event("good", "bob"))
    told = {one["index"] - 1: one["detail"] for one in body["refused"]}
    assert body["refused_count"] == len(told) == len(BAD)
    for index, (_, said) in enumerate(BAD):
        assert said in told[index], (index, told[index])
    assert [one.event for one in await project.events()] == ["good", "good"]


async def test_a_single_bad_event_is_refused(project):
    answer = await project.send({"event": "a"})
    assert answer.status_code == 400


async def test_numbers_that_json_does_not_know_are_null(world, project):
    raw = b'{"api_key": "%s", "event": "a", "distinct_id": 7, "properties": {"n": NaN, "m": 1e400, "s": "\\\\u0000"}}'
    answer = await world.client.post("/capture/", content=raw % project.token.encode())
    assert answer.status_code == 200, answer.text
    (kept,) = await project.events()
    assert (kept.distinct_id, kept.properties["n"], kept.properties["s"]) == ("7", None, "\\u0000")


async def test_times(project):
    now = datetime.now(UTC)
    ago = now - timedelta(hours=3)
    await project.sent(
        event("1 old", "x", timestamp="2015-05-05T05:05:05.123Z"),
        event("2 zone", "x", timestamp="2015-05-06T05:05:05+02:00"),
        event("3 naive", "x", timestamp="2015-05-07T05:05:05"),
        event("4 number", "x", timestamp=1431061505000),
        event("5 none", "x"),
        event("6 future", "x", timestamp="2900-01-01T00:00:00Z"),
    )
    await project.sent(
        event("7 skewed", "x", timestamp=ago.isoformat()), sent_at=(ago + timedelta(minutes=1)).isoformat()
    )
    await project.sent(
        event("8 historical", "x", timestamp="2016-01-01T00:00:00Z"),
        sent_at="2016-02-01T00:00:00Z",
        historical_migration=True,
    )
    await project.sent(event("9 waited", "x", offset=600_000))
    at = {one.event[0]: one.timestamp for one in await project.events()}
    assert at["1"] == datetime(2015, 5, 5, 5, 5, 5, 123000, UTC)
    assert at["2"] == datetime(2015, 5, 6, 3, 5, 5, tzinfo=UTC)
    assert at["3"] == datetime(2015, 5, 7, 5, 5, 5, tzinfo=UTC)
    assert at["4"] == datetime(2015, 5, 8, 5, 5, 5, tzinfo=UTC)
    assert at["8"] == datetime(2016, 1, 1, tzinfo=UTC)
    assert abs(at["9"] - now + timedelta(minutes=10)) < timedelta(seconds=20)
    for near in ("5", "6"):
        assert abs(at[near] - now) < timedelta(seconds=20)
    assert abs(at["7"] - (now - timedelta(minutes=1))) < timedelta(seconds=20)


async def test_the_clients_id_stays(project):
    own = uuid4()
    await project.sent(event("a", "ann", uuid=str(own)), event("b", "ann"))
    kept = {one.event: one.id for one in await project.events()}
    assert kept["a"] == own
    assert kept["b"].version == 7
    assert isinstance(kept["b"], UUID)


async def test_thousands_take_as_many_statements_as_one(project, statements):
    one = await statements(project.sent(event("a", "w1", **{"$set": {"n": 1}})))
    many = await statements(project.sent(*(event("a", f"w{n}", **{"$set": {"n": n}}) for n in range(2, 1502))))
    assert many == one
    assert one <= 11
    assert len(await project.events()) == 1501
