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
    assert found["id_token_signing_alg_values_supported"] == ["ES256"]
    assert found["code_challenge_methods_supported"] == ["S256"]
    for name, address in found.items():
        if name.endswith("_endpoint"):
            path = address.removeprefix("http://muster.test")
            statuses = {(await world.client.request(method, path)).status_code for method in ("GET", "POST")}
            assert statuses - {404, 405}, name
    for grant in found["grant_types_supported"]:
        answer = (await world.client.post("/oauth2/token", data={"grant_type": grant})).json()
        assert answer["error"] != "unsupported_grant_type", grant
