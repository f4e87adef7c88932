"""Whose password does not count, because their organization has an identity provider for the domain."""

from urllib.parse import parse_qs, urlsplit

from identity_world import NEW_PASSWORD, email
from own_provider import OwnProvider
from testkit.client import BASE_URL, Client
from upstreams import Federation


async def test_people_of_a_verified_domain_sign_in_there(federation: Federation, upstream: str) -> None:
    """The same answer for whoever has such a username, whatever the password; but for who is let out of it."""
    world = federation.world
    await world.account(email="ann@clinic.test")
    provider = (await federation.oidc(upstream, domains=["clinic.test"]))["id"]
    assert (await world.sign_in("ann@clinic.test")).status_code == 201  # not verified yet
    await federation.own(provider, "clinic.test")
    answers = [await world.sign_in(f"{name}@Clinic.test", word) for name in ("ann", "nobody") for word in ("", "wrong")]
    answers.append(await world.sign_in("ann@clinic.test"))
    assert [answer.status_code for answer in answers] == [201] * 5
    for answer in answers:
        assert set(answer.json()) == {"redirect-url"}
        assert "set-cookie" not in answer.headers
        assert answer.json()["redirect-url"].startswith(
            f"{BASE_URL}/v1/identity-providers/{provider}/sign-in/?login-hint="
        )
    started = await Client(world.client.app).get(answers[0].json()["redirect-url"])
    assert parse_qs(urlsplit(started.headers["location"]).query)["login_hint"] == ["ann@Clinic.test"]


async def test_administrators_and_the_operator_keep_their_password(federation: Federation, upstream: str) -> None:
    world = federation.world
    provider = (await federation.oidc(upstream, domains=["clinic.test"]))["id"]
    await federation.own(provider, "clinic.test")
    admin, other = f"admin-{email()}".split("@")[0], f"other-{email()}".split("@")[0]
    for name in (admin, other):
        await world.account(email=f"{name}@clinic.test")
    boss = (await world.rows("SELECT id FROM users WHERE email = :email", email=f"{admin}@clinic.test"))[0].id
    await world.belongs(boss, federation.organization_id, role="org.admin")
    assert "access-token" in (await world.sign_in(f"{admin}@clinic.test")).json()
    assert set((await world.sign_in(f"{admin}@clinic.test", "wrong")).json()) == {"redirect-url"}
    assert set((await world.sign_in(f"{other}@clinic.test")).json()) == {"redirect-url"}
    await federation.change(provider, enabled=False)
    assert "access-token" in (await world.sign_in(f"{other}@clinic.test")).json()


async def test_who_is_called_otherwise_is_sent_there_once_the_password_was_right(
    federation: Federation, upstream: str
) -> None:
    world = federation.world
    provider = (await federation.oidc(upstream, domains=["clinic.test"]))["id"]
    await federation.own(provider, "clinic.test")
    name = email()
    await world.account(email="zoe@clinic.test", username=name)
    assert (await world.sign_in(name, "wrong")).status_code == 401
    assert set((await world.sign_in(name)).json()) == {"redirect-url"}


async def test_a_forgotten_password_leads_nobody_past_it(federation: Federation, own_provider: OwnProvider) -> None:
    world = federation.world
    await world.account(email="tess@clinic.test")
    provider = (await federation.oidc(own_provider.url, domains=["clinic.test"]))["id"]
    await federation.own(provider, "clinic.test")
    await world.post("/v1/forgot-password/", {"username": "tess@clinic.test"})
    await world.settle()
    body = {"confirmation-code": await world.code(), "password": NEW_PASSWORD, "login": True}
    answer = await world.post("/v1/confirm-forgot-password/", {"username": "tess@clinic.test", **body})
    assert answer.status_code == 201, answer.text
    assert answer.json()["login-error"]["code"] == "identity-provider-required"
    assert "access-token" not in answer.json()
