from uuid import UUID, uuid4

import httpx
from authenticators import code, with_authenticator
from contracts.identity import AgreementsDeleted, AgreementsRecorded
from documents import PATH, change, publish
from identity_world import World, codes
from testkit.races import race


def waiting(answer: httpx.Response) -> list[str]:
    assert (answer.status_code, codes(answer)) == (401, ["service-documents-required"])
    return [one["id"] for one in answer.json()["errors"][0]["meta"]["service-documents"]]


async def agreements(world: World, user_id: UUID) -> list[tuple[str, str, str]]:
    rows = await world.rows(
        "SELECT document_id, version, occasion FROM service_document_agreements WHERE user_id = :id ORDER BY 1",
        id=user_id,
    )
    return [(str(row.document_id), row.version, row.occasion) for row in rows]


async def test_nobody_signs_in_without_agreeing(world: World) -> None:
    username, user_id = await world.confirmed()
    terms = await publish(world, version="5", title="Terms of use")
    privacy = await publish(world, type="privacy")
    await publish(world, type="news", agreement_required=False)
    refused = await world.sign_in(username)
    assert waiting(refused) == [privacy["id"], terms["id"]]
    assert refused.json()["errors"][0]["meta"]["service-documents"][1] == {
        "id": terms["id"],
        "type": "terms",
        "version": "5",
        "title": "Terms of use",
        "html-link": f"http://muster.test/v1/service-documents/{terms['id']}/?html=true&locale=en_US",
        "organization": None,
    }
    assert waiting(await world.sign_in(username, service_document_agreements=[terms["id"]])) != []
    assert await agreements(world, user_id) == []
    both = [terms["id"], privacy["id"], str(uuid4())]
    assert (await world.sign_in(username, service_document_agreements=both)).status_code == 201
    assert await agreements(world, user_id) == sorted([(terms["id"], "5", "login"), (privacy["id"], "1", "login")])
    (event,) = await world.events(AgreementsRecorded)
    assert (event.user_id, event.occasion, len(event.service_document_ids)) == (user_id, "login", 2)
    assert (await world.sign_in(username, service_document_agreements=both)).status_code == 201
    assert len(await world.events(AgreementsRecorded)) == 1


async def test_a_wrong_password_tells_nothing_of_documents(world: World) -> None:
    username, _ = await world.confirmed()
    await publish(world)
    assert codes(await world.sign_in(username, "not-the-Password-1")) == ["invalid-credentials"]


async def test_another_version_asks_again_and_one_less_strict_does_not(world: World) -> None:
    first = await publish(world)
    username, _ = await world.confirmed(service_document_agreements=[first["id"]])
    assert (await world.sign_in(username)).status_code == 201
    second = await publish(world, version="2")
    assert waiting(await world.sign_in(username)) == [second["id"]]
    operator = world.client.as_operator()
    await operator.patch(f"{PATH}{second['id']}/", json=change(second["id"], agreement_required=False))
    assert (await world.sign_in(username)).status_code == 201


async def test_agreed_at_sign_up(world: World) -> None:
    terms = await publish(world)
    username, code = await world.registered(service_document_agreements=[terms["id"], str(uuid4())])
    confirmed = await world.confirm(username, code, login=True)
    assert "access-token" in confirmed.json()
    user_id = await world.user_id(username)
    assert await agreements(world, user_id) == [(terms["id"], "1", "sign-up")]
    (event,) = await world.events(AgreementsRecorded)
    assert event.occasion == "sign-up"


async def test_confirmed_without_having_agreed(world: World) -> None:
    terms = await publish(world)
    username, code = await world.registered()
    answer = (await world.confirm(username, code, login=True)).json()
    assert answer["login-error"]["code"] == "service-documents-required"
    assert "access-token" not in answer
    assert waiting(await world.sign_in(username)) == [terms["id"]]


async def test_an_organizations_document_concerns_those_who_belong(world: World) -> None:
    organization = world.orgs.organization_id
    await world.rows("INSERT INTO organizations VALUES (:id, 'o', 'O', true)", id=organization)
    inside, _ = await world.confirmed()
    outside = await world.account(username="outsider")
    terms = await publish(world, organization_id=str(organization))
    assert waiting(await world.sign_in(inside)) == [terms["id"]]
    agreed = await world.sign_in("outsider", service_document_agreements=[terms["id"]])
    assert agreed.status_code == 201
    assert await agreements(world, outside) == []


async def test_in_the_persons_language(world: World) -> None:
    username, _ = await world.confirmed()
    spanish = {"locale": "es_US", "title": "Condiciones", "html": "<p>Sea amable.</p>"}
    await publish(world, translations=[spanish])
    shown = (await world.sign_in(username, locale="es_US")).json()["errors"][0]["meta"]["service-documents"][0]
    assert shown["title"] == "Condiciones"
    assert shown["html-link"].endswith("&locale=es_US")


async def test_the_second_factor_comes_first_and_its_code_is_not_lost(world: World) -> None:
    person = await with_authenticator(world)
    terms = await publish(world)
    assert codes(await world.sign_in(person.username)) == ["totp-required"]
    following = code(person.secret, 1)
    assert waiting(await world.sign_in(person.username, totp_code=following)) == [terms["id"]]
    agreed = await world.sign_in(person.username, totp_code=following, service_document_agreements=[terms["id"]])
    assert agreed.status_code == 201


async def test_an_interactive_refresh_asks_too(world: World) -> None:
    tokens = await world.signed_in()
    terms = await publish(world)
    asked = {"refresh-token": tokens["refresh-token"], "interactive": True}
    assert waiting(await world.post("/v1/refresh-token/", asked)) == [terms["id"]]
    assert (await world.refresh(tokens["refresh-token"])).status_code == 201


async def test_the_operators_staff_take_agreements_away(world: World) -> None:
    terms = await publish(world)
    username, user_id = await world.confirmed(service_document_agreements=[terms["id"]])
    path = f"/v1/users/{user_id}/delete-service-document-agreements/"
    support = world.client.as_(roles=("system.support",))
    for _ in range(2):
        assert (await support.post(path, json={})).status_code == 201
    assert len(await world.events(AgreementsDeleted)) == 1
    assert waiting(await world.sign_in(username)) == [terms["id"]]
    assert (await support.post(f"/v1/users/{uuid4()}/delete-service-document-agreements/", json={})).status_code == 404
    assert (await support.post(path, json={"x": 1})).status_code == 400
    audited = await world.rows(
        "SELECT user_id, details FROM audit_events WHERE action = 'service-document-agreements-deleted' ORDER BY at"
    )
    assert audited[0].details == {"documents": [terms["id"]]}


async def test_sixteen_agree_once(live_world: World) -> None:
    username, user_id = await live_world.confirmed()
    terms = await publish(live_world, type="terms-of-sixteen", version=uuid4().hex)
    given = [terms["id"]]
    answers = await race(lambda _: live_world.sign_in(username, service_document_agreements=given))
    operator = live_world.client.as_operator()
    await operator.patch(f"{PATH}{terms['id']}/", json=change(terms["id"], agreement_required=False))
    assert {answer.status_code for answer in answers} == {201}
    assert len(await agreements(live_world, user_id)) == 1
