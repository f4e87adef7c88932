"""What a provider says that is wrong, and what it says in its own way."""

from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from identity_world import codes
from own_provider import OwnProvider
from upstreams import Federation, a_user, code_in

Json = dict[str, Any]


@pytest_asyncio.fixture
async def provider(federation: Federation, own_provider: OwnProvider) -> str:
    return (await federation.oidc(own_provider.url))["id"]


async def came(federation: Federation, own_provider: OwnProvider, provider: str, subject: str = "ann") -> Any:
    browser = federation.browser()
    back = own_provider.authorize(await federation.start(browser, provider), subject)
    return await browser.get(back)


CLAIMS: dict[str, Json] = {
    "another issuer": {"iss": "https://elsewhere.test"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "no audience": {"aud": None},
    "several audiences, nobody named": {"aud": ["muster-client_secret_basic", "another"]},
    "another party": {"azp": "another"},
    "expired": {"exp": 1_500_000_000},
    "no end": {"exp": None},
    "from the future": {"iat": 4_000_000_000},
    "old": {"iat": 1_500_000_000},
    "not yet": {"nbf": 4_000_000_000},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "nobody": {"sub": None},
    "an empty subject": {"sub": ""},
    "a long subject": {"sub": "x" * 256},
    "another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


async def test_id_tokens_that_are_not_for_this_sign_in(
    federation: Federation, own_provider: OwnProvider, provider: str
) -> None:
    for name, claims in CLAIMS.items():
        own_provider.claims = claims
        refused = await came(federation, own_provider, provider)
        assert (refused.status_code, codes(refused)) == (400, ["invalid-id-token"]), name


async def test_signatures_that_do_not_count(federation: Federation, own_provider: OwnProvider, provider: str) -> None:
    def none() -> None:
        own_provider.header = {"alg": "none"}

    def confused() -> None:
        own_provider.header = {"alg": "HS256", "kid": own_provider.kid}

    def stranger() -> None:
        own_provider.header, own_provider.signer = {"alg": "RS256", "kid": own_provider.kid}, own_provider.stranger

    def another_key_id() -> None:
        own_provider.header, own_provider.signer = {"alg": "RS256", "kid": "three"}, own_provider.key

    for wrong in (none, confused, stranger, another_key_id):
        wrong()
        refused = await came(federation, own_provider, provider)
        assert (refused.status_code, codes(refused)) == (400, ["invalid-id-token"]), wrong
    own_provider.header = {"alg": "RS256"}  # the provider has one key that signs, so it need not name it
    assert (await came(federation, own_provider, provider)).status_code == 303


@pytest.mark.parametrize("token", [{"id_token": None}, {"id_token": "x"}, {"id_token": "a.b.c"}, {"id_token": 7}])
async def test_answers_without_an_id_token(
    federation: Federation, own_provider: OwnProvider, provider: str, token: Json
) -> None:
    own_provider.token = token
    refused = await came(federation, own_provider, provider)
    assert (refused.status_code, codes(refused)) == (400, ["invalid-id-token"])


async def test_a_provider_that_is_out_of_order(
    federation: Federation, own_provider: OwnProvider, provider: str
) -> None:
    own_provider.token_status = 500
    refused = await came(federation, own_provider, provider)
    assert (refused.status_code, codes(refused)) == (503, ["provider-unavailable"])


async def test_what_the_id_token_lacks_is_asked_for(
    federation: Federation, own_provider: OwnProvider, provider: str
) -> None:
    own_provider.configuration = {"userinfo_endpoint": f"{own_provider.url}/me"}
    assert (await federation.admin.post(f"/v1/identity-providers/{provider}/test/", json={})).json()["ok"] is True
    own_provider.info = {"sub": "another", "email": "x@clinic.test"}
    refused = await came(federation, own_provider, provider)
    assert (refused.status_code, codes(refused)) == (400, ["invalid-id-token"])
    own_provider.info = {"sub": "ann", "email": "ann@clinic.test", "given_name": "Ann\u0000", "family_name": "Lee"}
    tokens = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    assert (tokens["email"], tokens["first-name"], tokens["last-name"]) == ("ann@clinic.test", None, "Lee")


async def test_attributes_have_the_names_that_were_given(federation: Federation, own_provider: OwnProvider) -> None:
    names = {"subject": "oid", "first-name": "vorname", "groups": "gruppen"}
    rules = [{"value": "chefs", "role": "org.admin"}]
    provider = (await federation.oidc(own_provider.url, **{"attribute-names": names, "group-rules": rules}))["id"]
    own_provider.claims = {"oid": "4711", "vorname": "Änne", "gruppen": "chefs", "amr": ["mfa"]}
    tokens = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    assert tokens["first-name"] == "Änne"
    row = (
        await federation.world.rows(
            "SELECT subject, roles FROM external_identities WHERE user_id = :id", id=a_user(tokens)
        )
    )[0]
    assert (row.subject, row.roles) == ("4711", ["org.admin"])
    own_provider.claims.pop("oid")
    assert (await came(federation, own_provider, provider)).status_code == 400


async def test_a_trusted_second_factor_spares_the_own_one(
    federation: Federation, own_provider: OwnProvider, provider: str
) -> None:
    world = federation.world
    tokens = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    await world.rows(
        "INSERT INTO totp_configurations (id, user_id, secret, enabled) VALUES (:id, :user_id, :secret, true)",
        id=uuid4(),
        user_id=a_user(tokens),
        secret=b"x",
    )
    own_provider.claims = {"amr": ["pwd", "mfa", "<x>"], "auth_time": 1_700_000_000}
    assert (await federation.exchanged(await came(federation, own_provider, provider))).status_code == 401
    await federation.change(provider, **{"trust-second-factor": True})
    tokens = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    row = (await world.rows("SELECT acr, amr, auth_time FROM sessions WHERE id = :id", id=UUID(tokens["session-id"])))[
        0
    ]
    assert (row.acr, row.amr, row.auth_time.timestamp()) == ("aal2", ["fed", "pwd", "mfa"], 1_700_000_000)


async def test_two_providers_keep_their_people_apart(federation: Federation, own_provider: OwnProvider) -> None:
    """The same subject at another provider is another person."""
    one, two = [(await federation.oidc(own_provider.url))["id"] for _ in range(2)]
    first = (await federation.exchanged(await came(federation, own_provider, one))).json()
    second = (await federation.exchanged(await came(federation, own_provider, two))).json()
    assert first["user-id"] != second["user-id"]


async def test_with_another_issuer_nobody_is_known(federation: Federation, own_provider: OwnProvider) -> None:
    provider = (await federation.oidc(own_provider.url))["id"]
    before = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    own_provider.configuration = {"issuer": "https://new.test"}
    said = {"metadata-url": f"{own_provider.url}/.well-known/openid-configuration"}
    assert (await federation.change(provider, **said)).status_code == 200
    own_provider.claims = {"iss": "https://new.test"}
    after = (await federation.exchanged(await came(federation, own_provider, provider))).json()
    assert before["user-id"] != after["user-id"]


async def test_a_way_back_is_no_open_door_for_long(
    federation: Federation, own_provider: OwnProvider, provider: str
) -> None:
    world = federation.world
    answer = await came(federation, own_provider, provider)
    await world.rows("UPDATE external_sign_ins SET code_expires_at = clock_timestamp() - interval '1 second'")
    refused = await world.post("/v1/login/exchange/", {"code": code_in(answer)})
    assert (refused.status_code, codes(refused)) == (401, ["invalid-code"])
    browser = federation.browser()
    back = own_provider.authorize(await federation.start(browser, provider))
    await world.rows("UPDATE external_sign_ins SET expires_at = clock_timestamp() - interval '1 second'")
    assert (await browser.get(back)).status_code == 400
