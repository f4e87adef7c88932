from identity_world import World


async def test_only_public_parts_are_published(world: World) -> None:
    answer = await world.client.get("/.well-known/jwks.json")
    assert answer.headers["cache-control"] == "public, max-age=300"
    keys = answer.json()["keys"]
    assert len(keys) >= 2
    for key in keys:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


async def test_discovery_claims_only_what_works(world: World) -> None:
    found = (await world.client.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == "http://muster.test"
    assert found["jwks_uri"] == "http://muster.test/.well-known/jwks.json"
    assert "authorization_endpoint" not in found
    assert "token_endpoint" not in found
