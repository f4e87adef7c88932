import base64
import secrets

import pytest
from identity.parts import parts_of
from identity.signing_keys.commands import load_keys, rotate, rotate_when_due
from identity.signing_keys.keyring import Keyring
from identity.vault import Vault
from identity_world import World
from kernel import Conflict, SettingsError


async def published(world: World) -> set[str]:
    return {key["kid"] for key in (await world.client.get("/.well-known/jwks.json")).json()["keys"]}


async def turn(world: World) -> str:
    async with world.runtime.sessions.begin() as session:
        signing = await rotate(session, parts_of(world.runtime).vault, at_once=True)
    await load_keys(world.runtime)
    return signing


@pytest.fixture(autouse=True)
async def keys_as_before(world: World):
    """The keyring lives longer than the rolled-back rows."""
    keys = parts_of(world.runtime).keys
    kept = keys._current, keys.published
    yield
    keys._current, keys.published = kept
    await world.runtime.verifier.refresh()


async def test_a_key_is_published_before_it_signs(world: World) -> None:
    before = await published(world)
    signing = await turn(world)
    assert signing in before
    assert parts_of(world.runtime).keys.current[0] == signing
    assert before < await published(world)


async def test_tokens_of_the_previous_key_stay_valid(world: World) -> None:
    username, _ = await world.confirmed()
    old = (await world.sign_in(username)).json()["access-token"]
    await turn(world)
    new = (await world.sign_in(username)).json()["access-token"]
    assert old.split(".")[0] != new.split(".")[0]
    world.runtime.verifier._verified.clear()
    await world.runtime.verifier.refresh()
    for token in (old, new):
        assert (await world.bearer(token).post("/v1/authenticate/", json={})).status_code == 201


async def test_a_key_that_signs_no_more_is_kept_until_its_tokens_are_gone(world: World) -> None:
    old = parts_of(world.runtime).keys.current[0]
    await turn(world)
    await rotate_when_due(world.runtime)
    assert [row.id for row in await world.rows("SELECT id FROM signing_keys WHERE id = :id", id=old)] == [old]
    await world.rows("UPDATE signing_keys SET previous_since = now() - interval '3 hours' WHERE id = :id", id=old)
    await rotate_when_due(world.runtime)
    assert await world.rows("SELECT id FROM signing_keys WHERE id = :id", id=old) == []


async def test_a_key_is_replaced_when_it_has_signed_for_long_enough(world: World) -> None:
    old = parts_of(world.runtime).keys.current[0]
    await rotate_when_due(world.runtime)
    await load_keys(world.runtime)
    assert parts_of(world.runtime).keys.current[0] == old
    await world.rows("UPDATE signing_keys SET created_at = now() - interval '91 days', current_since = NULL")
    await rotate_when_due(world.runtime)
    await load_keys(world.runtime)
    assert parts_of(world.runtime).keys.current[0] != old


async def test_a_key_that_nobody_has_seen_yet_may_not_sign(world: World) -> None:
    with pytest.raises(Conflict, match="published"):
        async with world.runtime.sessions.begin() as session:
            await rotate(session, parts_of(world.runtime).vault)


async def test_private_keys_are_sealed(world: World) -> None:
    rows = await world.rows("SELECT id, private FROM signing_keys")
    for row in rows:
        assert b'"d"' not in row.private
        assert b"kty" not in row.private
    another = Keyring(Vault(base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()))
    async with world.runtime.reads() as session:
        with pytest.raises(SettingsError, match="MUSTER_MASTER_KEY"):
            await another.load(session)


@pytest.mark.parametrize("key", ["", "short", "!" * 43, base64.urlsafe_b64encode(bytes(31)).decode()])
def test_a_master_key_that_is_none(key: str) -> None:
    with pytest.raises(SettingsError, match="MUSTER_MASTER_KEY"):
        Vault(key)
