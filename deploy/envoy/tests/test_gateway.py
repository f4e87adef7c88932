import asyncio
import io
import json
import secrets
import subprocess

import aiohttp
import pytest
import yaml
from muster.envoy import drain, program
from muster.gateway import render as rendering
from muster.gateway import routes
from muster.gateway.render import Address, Gateway, render

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
JWT = "Bearer eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def places(upstream, folder):
    local = {name: Address("127.0.0.1", upstream) for name in routes.PREFIXES}
    named = {name: Address(name, 8000) for name in routes.PREFIXES}
    document = folder / "openapi.json"
    document.write_text("{}")
    shared = {"openapi": str(document), "admin_socket": str(folder / "admin.sock")}
    return {
        "local": Gateway(Address("127.0.0.1", 8080), local, traces=Address("127.0.0.1", 4318), **shared),
        "compose": Gateway(Address("0.0.0.0", 8080), named, traces=Address("console", 4318), trusted_hops=1, **shared),
        "kubernetes": Gateway(Address("0.0.0.0", 8080), named, cors_origins=("https://app.example",), **shared),
    }


@pytest.mark.parametrize("place", ["local", "compose", "kubernetes"])
def test_envoy_accepts_the_configuration(upstream, tmp_path, place):
    path = tmp_path / "envoy.yaml"
    path.write_text(render(places(upstream, tmp_path)[place]))
    done = subprocess.run([program(), "--mode", "validate", "-c", path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "eprecated" not in done.stderr


def test_every_prefix_has_one_owner_and_a_route():
    prefixes = [prefix for owned in routes.PREFIXES.values() for prefix in owned]
    assert len(prefixes) == len(set(prefixes))
    assert all(prefix.startswith("/") and not prefix.endswith("/") for prefix in prefixes)
    by_path = {route.path: route.service for route in routes.table()}
    for service, owned in routes.PREFIXES.items():
        assert {by_path[prefix] for prefix in owned} == {service}


def test_a_narrower_route_comes_before_a_wider_one():
    order = [route.path for route in routes.table()]
    for position, path in enumerate(order):
        assert not any(later.startswith(f"{path}/") for later in order[position + 1 :])


def test_no_route_lets_a_client_reach_what_the_gateway_asks(settings):
    config = yaml.safe_load(render(settings))
    hosts = config["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0]["typed_config"]["route_config"]
    matches = [route["match"] for route in hosts["virtual_hosts"][0]["routes"]]
    assert not [match for match in matches if match.get("path_separated_prefix", "").startswith("/v1/authenticate")]


@pytest.mark.parametrize(
    "path", ["/v1/users", "/v1/users/", "/v1/users/1/disable/", "/api/v5/artifacts/cohorts/search"]
)
async def test_a_prefix_takes_whole_segments_with_or_without_a_slash(gateway, path):
    status, _, body = await gateway.call(path)
    assert (status, body["path"]) == (200, path)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/users-old", "/v1/authenticate/v1/users/", "/livez", "/metrics"])
async def test_an_unknown_path_is_404(gateway, path):
    status, headers, body = await gateway.call(path)
    assert status == 404
    assert headers["content-type"] == "application/json"
    assert body["errors"][0]["code"] == "not-found"
    assert "x-request-id" in headers


async def test_headers_that_claim_an_identity_never_reach_a_service(gateway):
    sent = {name.title(): "forged" for name in rendering.IDENTITY_HEADERS}
    sent |= {"Traceparent": TRACE, "Tracestate": "a=b", "Baggage": "user=1", "X-Request-Id": "mine"}
    _, headers, body = await gateway.call("/v1/users/", headers={**sent, "Authorization": JWT})
    assert not [name for name, value in body["headers"].items() if value == "forged"]
    assert body["headers"].get("traceparent", "").split("-")[1:2] != TRACE.split("-")[1:2]
    assert "baggage" not in body["headers"]
    assert body["headers"]["x-request-id"] == headers["x-request-id"] != "mine"
    assert body["headers"]["authorization"] == JWT


async def test_what_identity_hands_the_gateway_never_reaches_a_client(gateway):
    _, headers, _ = await gateway.call("/v1/users/")
    assert "x-muster-principal" not in headers


@pytest.mark.parametrize("headers", [{"X-Api-Key": "mst_live_1"}, {"Authorization": "Bearer mst_oat_opaque"}])
async def test_a_key_or_an_opaque_bearer_is_turned_into_an_internal_token(gateway, headers):
    forged = {**headers, "X-Muster-Principal": "forged"}
    _, _, body = await gateway.call("/v1/users/?a=b", method="POST", headers=forged)
    assert body["headers"]["x-muster-principal"] == "token-for POST /v1/authenticate/v1/users/?a=b"
    assert "x-api-key" not in body["headers"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": JWT}, {"Authorization": "Basic dXNlcjpwYXNz"}])
async def test_other_requests_do_not_ask_identity(gateway, headers):
    _, _, body = await gateway.call("/v1/users/", headers=headers)
    assert "x-muster-principal" not in body["headers"]


async def test_a_refused_key_is_401_in_the_dialect_of_the_path(gateway):
    refused = {"X-Api-Key": "wrong"}
    status, headers, body = await gateway.call("/v1/users/", headers=refused)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert body["errors"][0]["detail"] == "The key is not known."
    status, headers, body = await gateway.call("/api/projects/1/cohorts/", headers=refused)
    assert (status, headers["www-authenticate"]) == (401, "Bearer")
    assert (body["type"], body["attr"]) == ("authentication_error", None)
    status, headers, body = await gateway.call("/api/v5/artifacts/cohorts/search", headers=refused)
    assert (status, headers["content-type"], body["status"]) == (401, "application/problem+json", 401)


async def test_identity_being_slow_is_503_and_not_a_way_in(gateway):
    status, headers, body = await gateway.call("/v1/users/", headers={"X-Api-Key": "slow"})
    assert (status, headers["retry-after"]) == (503, "1")
    assert body["errors"][0]["code"] == "unavailable"


async def test_a_body_over_one_mebibyte_is_413_in_the_dialect_of_the_path(gateway):
    big = b"x" * (1024 * 1024 + 1)
    status, headers, body = await gateway.call("/v1/users/", method="POST", data=io.BytesIO(big))
    assert (status, body["errors"][0]["status"], body["errors"][0]["code"]) == (413, "413", "payload-too-large")
    status, headers, body = await gateway.call("/api/v1/learning/cohorts", method="POST", data=io.BytesIO(big))
    assert (status, headers["content-type"], body["status"]) == (413, "application/problem+json", 413)
    status, headers, body = await gateway.call("/api/cohort/1/persons/", method="POST", data=io.BytesIO(big))
    assert (status, body) == (
        413,
        {
            "type": "invalid_request",
            "code": "payload_too_large",
            "detail": "The body is larger than this operation takes.",
            "attr": None,
        },
    )


async def test_a_body_of_one_mebibyte_passes_and_an_upload_may_be_larger(gateway):
    status, _, body = await gateway.call("/v1/users/", method="POST", data=io.BytesIO(b"x" * 1024 * 1024))
    assert (status, body["size"]) == (200, 1024 * 1024)
    status, _, body = await gateway.call("/v1/imports/", method="POST", data=io.BytesIO(b"x" * 3 * 1024 * 1024))
    assert (status, body["size"]) == (200, 3 * 1024 * 1024)


async def test_escaped_slashes_and_headers_with_underscores_are_400(gateway):
    url = aiohttp.client.URL(f"{gateway.url}/v1/users/a%2Fb", encoded=True)
    async with gateway.session.get(url) as answer:
        assert answer.status == 400
        assert (await answer.json())["errors"][0]["code"] == "bad-request"
    status, _, _ = await gateway.call("/v1/users/", headers={"x_muster_principal": "forged"})
    assert status == 400


async def test_more_requests_than_the_limit_are_429_with_retry_after(another):
    async with another(requests_per_second=5) as edge:
        answers = await asyncio.gather(*(edge.call("/v1/users/") for _ in range(30)))
    refused = [(headers, body) for status, headers, body in answers if status == 429]
    assert refused
    assert {headers["retry-after"] for headers, _ in refused} == {"1"}
    assert {body["errors"][0]["code"] for _, body in refused} == {"too-many-requests"}


async def test_a_service_that_is_too_slow_is_504(another):
    async with another(timeout_seconds=1) as edge:
        status, _, body = await edge.call("/v1/users/?sleep=3")
        assert (status, body["errors"][0]["code"]) == (504, "timeout")


async def test_a_stream_has_no_time_limit_and_arrives_piece_by_piece(another):
    async with (
        another(timeout_seconds=1) as edge,
        edge.session.get(f"{edge.url}/v1/notifications/stream") as answer,
    ):
        clock = asyncio.get_running_loop().time
        arrived = [(line, clock()) async for line in answer.content if line.strip()]
        assert [line for line, _ in arrived] == [b"data: 0\n", b"data: 1\n", b"data: 2\n"]
        assert arrived[-1][1] - arrived[0][1] > 0.5


async def test_a_dead_service_is_503_and_readyz_says_so(another, settings):
    services = {**settings.services, "orgs": Address("127.0.0.1", 9)}
    async with another(services=services) as edge:
        status, headers, body = await edge.call("/v1/organizations/")
        assert (status, headers["retry-after"], body["errors"][0]["code"]) == (503, "1", "unavailable")
        await asyncio.sleep(2.5)
        assert (await edge.call("/readyz"))[0] == 503
        assert (await edge.call("/healthz"))[0] == 200
        assert (await edge.call("/v1/users/"))[0] == 200


async def test_health_document_and_docs(gateway):
    for _ in range(40):
        if (await gateway.call("/readyz"))[0] == 200:
            break
        await asyncio.sleep(0.1)
    assert (await gateway.call("/readyz"))[0] == 200
    assert (await gateway.call("/healthz"))[::2] == (200, {"status": "ok"})
    status, headers, body = await gateway.call("/openapi.json")
    assert (status, headers["content-type"], body) == (200, "application/json", {"openapi": "3.1.0"})
    for path in ("/docs", "/docs/"):
        status, headers, page = await gateway.call(path)
        assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "http://" not in page
        assert "https://" not in page
    status, headers, script = await gateway.call("/docs/swagger-ui-bundle.js")
    assert (status, headers["content-encoding"]) == (200, "gzip")
    assert len(script) > 1_000_000


@pytest.mark.parametrize("path", ["/v1/anonymous-accesses/{}/proxy/", "/s/{}", "/s//{}?to=1"])
async def test_a_path_that_admits_who_knows_it_stands_in_no_log_and_no_trace(another, traces, upstream, tmp_path, path):
    secret = secrets.token_hex(16)
    async with another(traces=Address("127.0.0.1", upstream), trace_ratio=1.0) as edge:
        assert (await edge.call(path.format(secret)))[0] == 200
        assert (await edge.call(f"/v1/users/plain-{secret}/"))[0] == 200
        while not any(f"plain-{secret}".encode() in one for one in traces):
            await asyncio.sleep(0.05)
    log = [json.loads(line) for line in (tmp_path / "envoy.log").read_text().splitlines() if line.startswith("{")]
    assert [line["path"] for line in log] == ["(not logged)", f"/v1/users/plain-{secret}/"]
    assert log[0]["route"] == path.partition("/{")[0].rstrip("/")
    assert b"".join(traces).count(secret.encode()) == 1


async def test_answers_are_compressed_for_those_who_ask(gateway):
    _, headers, _ = await gateway.call("/v1/users/?pad=4000")
    assert headers["content-encoding"] == "gzip"
    _, headers, _ = await gateway.call("/v1/users/?pad=4000", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in headers


async def test_cors_is_for_the_origins_that_are_named(another):
    preflight = {"Access-Control-Request-Method": "POST"}
    async with another(cors_origins=("https://app.example",)) as edge:
        status, headers, _ = await edge.call(
            "/v1/login/", method="OPTIONS", headers={**preflight, "Origin": "https://app.example"}
        )
        assert (status, headers["access-control-allow-origin"]) == (200, "https://app.example")
        assert "idempotency-key" in headers["access-control-allow-headers"]
        _, headers, _ = await edge.call(
            "/v1/login/", method="OPTIONS", headers={**preflight, "Origin": "https://evil.example"}
        )
        assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/capture/", "/batch/", "/i/v0/e/", "/e/"])
async def test_events_may_be_posted_from_pages_of_any_site(gateway, path):
    asked = {"Access-Control-Request-Method": "POST", "Origin": "https://shop.example"}
    status, headers, _ = await gateway.call(path, method="OPTIONS", headers=asked)
    assert (status, headers["access-control-allow-origin"]) == (200, "https://shop.example")
    assert "access-control-allow-credentials" not in headers
    big = io.BytesIO(b"x" * 3 * 1024 * 1024)
    status, headers, body = await gateway.call(
        path, method="POST", data=big, headers={"Origin": "https://shop.example"}
    )
    assert (status, headers["access-control-allow-origin"], body["size"]) == (200, "https://shop.example", big.tell())


async def test_drained_before_it_ends_a_running_request_is_answered(another, tmp_path):
    async with another() as edge:
        running = asyncio.create_task(edge.call("/v1/users/?sleep=1.5"))
        await asyncio.sleep(0.3)
        await drain(tmp_path / "admin.sock")
        assert running.done()
        assert (await edge.call("/readyz"))[0] == 503
    assert (await running)[0] == 200
