import asyncio
from uuid import uuid4

import msgspec
import pytest
from chassis.openapi import openapi_document
from contracts.identity import SessionEnded, TokensOutdated
from kernel import now
from litestar import Litestar
from openapi_spec_validator import validate
from testkit.access import assert_credentials_refused
from testkit.client import Client
from testkit.principals import key_token
from testkit.races import race
from testkit.shape import operations


async def count(client: Client) -> int:
    return (await client.as_().get("/v1/things")).json()["count"]


async def test_every_problem_of_a_body_is_named_at_once(client: Client) -> None:
    answer = await client.as_().post("/v1/things/", json={"first-name": "too long", "count": "3", "more": 1})
    assert answer.status_code == 400
    assert {error["source"]["pointer"] for error in answer.json()["errors"]} == {"/first-name", "/count", "/more"}


@pytest.mark.parametrize("body", [b"", b"{", b"[1", b"\xff", b"null", b'"x"'])
async def test_a_body_that_is_not_the_json_asked_for_is_400(client: Client, body: bytes) -> None:
    answer = await client.as_().post("/v1/things", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"]


async def test_too_large_a_body_is_413(client: Client) -> None:
    answer = await client.as_().post("/v1/things", content=b'{"first-name": "' + b"x" * 1_100_000 + b'"}')
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["code"] == "too-large"


async def test_parameters_are_read_and_wrong_ones_named(client: Client) -> None:
    one, two = uuid4(), uuid4()
    answer = await client.as_().get(f"/v1/things?ids={one}&ids={two}&page[limit]=7")
    assert answer.json()["limit"] == 7
    assert answer.json()["ids"] == [str(one), str(two)]
    answer = await client.as_().get("/v1/things?ids=x&page[limit]=0&filter[tex]=a")
    assert answer.status_code == 400
    assert {e["source"]["parameter"] for e in answer.json()["errors"]} == {"ids", "page[limit]", "filter[tex]"}


async def test_paths_work_with_and_without_a_slash_and_malformed_ids_are_404(client: Client) -> None:
    for path in (f"/v1/things/{uuid4()}", f"/v1/things/{uuid4()}/", "/v1/things/not-an-id", "/v1/nothing"):
        answer = await client.get(path)
        assert answer.status_code == 404, path
        assert answer.json()["errors"][0]["code"] == "not-found"


async def test_another_method_is_405_with_allow(client: Client) -> None:
    answer = await client.as_().delete("/v1/things")
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_errors_have_their_dialects_shape(client: Client) -> None:
    project = await client.get("/api/projects/broken")
    assert set(project.json()) == {"type", "code", "detail", "attr"}
    artifact = await client.get("/api/v5/broken")
    assert artifact.headers["content-type"] == "application/problem+json"
    assert artifact.json()["status"] == 404


async def test_a_fault_of_ours_tells_a_code_and_nothing_else(client: Client) -> None:
    answer = await client.get("/v1/broken")
    assert answer.status_code == 500
    assert answer.json()["errors"][0]["code"] == "internal-error"
    assert "secret" not in answer.text


async def test_every_answer_carries_a_request_id(client: Client) -> None:
    assert (await client.get("/v1/nothing")).headers["x-request-id"]
    assert (await client.get("/v1/nothing", headers={"x-request-id": "r-1"})).headers["x-request-id"] == "r-1"


async def test_bad_credentials_are_refused_everywhere(app: Litestar) -> None:
    assert len(operations(app)) == 11
    await assert_credentials_refused(app)


async def test_a_401_says_how_to_authenticate(client: Client) -> None:
    answer = await client.get("/v1/things")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_roles_and_services_open_their_routes(client: Client) -> None:
    assert (await client.as_().get("/v1/operators")).status_code == 403
    assert (await client.as_operator().get("/v1/operators")).status_code == 200
    assert (await client.as_operator().get("/v1/services")).status_code == 403
    assert (await client.as_service("orgs").get("/v1/services")).status_code == 200


async def test_a_key_reaches_what_its_scopes_name(client: Client) -> None:
    key = key_token(organization_id=uuid4(), scopes=("thing:read",))
    assert (await client.with_token(key).get("/v1/things")).status_code == 200
    assert (await client.with_token(key).post("/v1/things", json={"first-name": "a"})).status_code == 403


async def test_ended_sessions_and_outdated_tokens_are_refused(app: Litestar, client: Client) -> None:
    session_id, user_id = uuid4(), uuid4()
    person = client.as_(user_id=user_id, session_id=session_id)
    assert (await person.get("/v1/things")).status_code == 200
    app.state.runtime.revocations.apply(SessionEnded(session_id=session_id, user_id=user_id, reason="signed-out"))
    assert (await person.get("/v1/things")).json()["errors"][0]["code"] == "session-ended"
    other = client.as_(user_id=user_id)
    app.state.runtime.revocations.apply(TokensOutdated(user_id=user_id, issued_before=now()))
    assert (await other.get("/v1/things")).json()["errors"][0]["code"] == "token-outdated"
    assert (await client.as_(user_id=user_id).get("/v1/things")).status_code == 200


async def test_a_failed_handler_writes_nothing(client: Client) -> None:
    before = await count(client)
    assert (await client.as_().post("/v1/things", json={"first-name": "a", "count": 13})).status_code == 409
    assert await count(client) == before


async def test_a_failed_commit_is_an_error(client: Client) -> None:
    assert (await client.post("/v1/things/late")).status_code == 409


async def test_the_same_key_and_body_get_the_first_answer_again(client: Client) -> None:
    person, headers = client.as_(user_id=uuid4()), {"idempotency-key": str(uuid4())}
    before = await count(client)
    first = await person.post("/v1/things", json={"first-name": "a"}, headers=headers)
    again = await person.post("/v1/things", json={"first-name": "a"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await person.post("/v1/things", json={"first-name": "b"}, headers=headers)
    assert other.status_code == 422
    stranger = await client.as_(user_id=uuid4()).post("/v1/things", json={"first-name": "a"}, headers=headers)
    assert stranger.json()["id"] != first.json()["id"]
    assert await count(client) == before + 2


async def test_a_written_answer_is_kept_too(client: Client) -> None:
    person, headers = client.as_(user_id=uuid4()), {"idempotency-key": str(uuid4())}
    before = await count(client)
    first, again = [await person.post("/v1/things/written", headers=headers) for _ in range(2)]
    assert (first.status_code, again.status_code) == (202, 202)
    assert (first.json(), again.headers["idempotent-replayed"]) == (again.json(), "true")
    assert await count(client) == before + 1


async def test_a_key_is_free_again_after_a_refusal(client: Client) -> None:
    person, headers = client.as_(user_id=uuid4()), {"idempotency-key": str(uuid4())}
    refused = await person.post("/v1/things", json={"first-name": "a", "count": 13}, headers=headers)
    assert refused.status_code == 409
    assert (await person.post("/v1/things", json={"first-name": "a"}, headers=headers)).status_code == 201


async def test_one_of_sixteen_with_the_same_key_writes(client: Client) -> None:
    person, headers = client.as_(user_id=uuid4()), {"idempotency-key": str(uuid4())}
    before = await count(client)
    answers = await race(lambda _: person.post("/v1/things", json={"first-name": "a"}, headers=headers))
    assert await count(client) == before + 1
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1


async def test_a_text_that_no_database_holds_is_the_callers_fault(client: Client) -> None:
    answer = await client.as_(user_id=uuid4()).post("/v1/things", json={"first-name": "a\0b"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unwritable")


async def test_who_loses_a_deadlock_is_asked_to_try_again(client: Client) -> None:
    answers = await asyncio.gather(client.post("/v1/things/locks/1/2"), client.post("/v1/things/locks/2/1"))
    lost, won = sorted(answers, key=lambda answer: -answer.status_code)
    assert (won.status_code, lost.status_code) == (201, 503)
    assert lost.headers["retry-after"] == "1"


async def test_health_tells_live_from_ready(client: Client) -> None:
    assert (await client.get("/livez")).status_code == 200
    answer = await client.get("/readyz")
    assert answer.json()["checks"]["database"] == "ok"
    assert "muster_http_requests_total" in (await client.get("/metrics")).text


async def test_the_document_is_valid_and_names_what_was_declared(app: Litestar) -> None:
    document = msgspec.json.decode(msgspec.json.encode(openapi_document(app, "sample")))
    validate(document)
    listed = document["paths"]["/v1/things/"]["get"]
    assert {p["name"] for p in listed["parameters"]} == {"page[limit]", "page[offset]", "filter[text]", "ids"}
    assert listed["x-permission"] == "authenticated"
    assert "429" in listed["responses"]


async def test_the_methods_of_a_path_are_no_secret(client: Client) -> None:
    answer = await client.options("/v1/operators")
    assert answer.status_code == 204
    assert "GET" in answer.headers["allow"]
