"""Providers change their keys and addresses, and say so only where they are asked."""

import time
from uuid import UUID

from identity.external_sign_ins.provider_keys import NAME
from identity.identity_providers.following import follow_due
from own_provider import OwnProvider, named, pems
from upstreams import Federation

AGE = "UPDATE identity_providers SET configured_at = configured_at - interval '7 hours'"


async def endpoints(federation: Federation, provider: str) -> dict[str, str]:
    statement = "SELECT endpoints FROM identity_providers WHERE id = :id"
    return (await federation.world.rows(statement, id=UUID(provider)))[0].endpoints


async def test_metadata_are_read_again_when_they_are_due(federation: Federation, own_provider: OwnProvider) -> None:
    provider = (await federation.oidc(own_provider.url))["id"]
    new = f"{own_provider.url}/another-token"
    own_provider.configuration = {"token_endpoint": new}
    await follow_due(federation.world.runtime)
    assert (await endpoints(federation, provider))["token_url"] != new
    await federation.world.rows(AGE)
    await follow_due(federation.world.runtime)
    assert (await endpoints(federation, provider))["token_url"] == new


async def test_another_issuer_or_an_address_inside_changes_nothing(
    federation: Federation, own_provider: OwnProvider
) -> None:
    provider = (await federation.oidc(own_provider.url))["id"]
    before = await endpoints(federation, provider)
    for said in ({"issuer": "https://another.test"}, {"token_endpoint": "https://10.0.0.1/"}, {"jwks_uri": None}):
        own_provider.configuration = said
        await federation.world.rows(AGE)
        await follow_due(federation.world.runtime)
        assert await endpoints(federation, provider) == before


async def test_a_new_key_is_fetched_when_a_token_names_it(federation: Federation, own_provider: OwnProvider) -> None:
    provider = (await federation.oidc(own_provider.url))["id"]

    async def signs_in() -> int:
        browser = federation.browser()
        back = own_provider.authorize(await federation.start(browser, provider))
        return (await browser.get(back)).status_code

    assert await signs_in() == 303
    own_provider.key = own_provider.signer = named(pems()[2], "new")
    own_provider.header = {"alg": "RS256", "kid": "new"}
    assert await signs_in() == 400  # asked a moment ago: nobody makes us ask again and again
    kept = federation.world.runtime.extras[NAME]
    kept.update({url: known._replace(at=time.monotonic() - 10) for url, known in kept.items()})
    assert await signs_in() == 303
