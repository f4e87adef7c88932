"""Keys of OpenID Providers: kept for some minutes, fetched again when a token names one that is not among them."""

import time
from typing import Any, NamedTuple

import msgspec
from chassis import outside
from chassis.runtime import Runtime
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OKPKey, RSAKey
from kernel import DomainError, Unavailable

from identity.identity_providers.discovery import fetched

FRESH = 300.0
AGAIN_AFTER = 5.0
MOST_KEYS = 50
MOST_PROVIDERS = 1000
NAME = "provider-keys"
KINDS = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
Key = RSAKey | ECKey | OKPKey


class Kept(NamedTuple):
    """Keys, and when they were fetched."""

    at: float
    keys: KeySet


async def candidates(runtime: Runtime, url: str, key_id: str | None) -> list[Key]:
    """The keys that may have signed: the one that is named, else all. Raises Unavailable."""
    kept: dict[str, Kept] = runtime.extras.setdefault(NAME, {})
    known = kept.get(url)
    age = time.monotonic() - known.at if known else FRESH
    if known is None or age >= FRESH or (not _named(known.keys, key_id) and age >= AGAIN_AFTER):
        try:
            known = Kept(time.monotonic(), await fetch(runtime, url))
        except DomainError as error:
            raise Unavailable("The identity provider's keys are out of reach.", code="provider-unavailable") from error
        if len(kept) >= MOST_PROVIDERS:
            kept.clear()
        kept[url] = known
    return _named(known.keys, key_id)


async def fetch(runtime: Runtime, url: str) -> KeySet:
    """The public keys for signatures at an address; others are passed over. Raises Invalid."""
    raw = await fetched(runtime, outside.check(runtime, url))
    try:
        said: Any = msgspec.json.decode(raw)
        listed = said["keys"][:MOST_KEYS]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise DomainError("The address answers no key set.", code="invalid-metadata") from error
    return KeySet([key for one in listed if (key := _key(one)) is not None])


def _key(said: Any) -> Key | None:
    """A public key that may sign. A secret key never counts: whoever reads the set knows it."""
    if not isinstance(said, dict) or said.get("use", "sig") != "sig" or "d" in said:
        return None
    kind = KINDS.get(str(said.get("kty")))
    try:
        return kind.import_key(said) if kind else None
    except (JoseError, ValueError, KeyError, TypeError):
        return None


def _named(keys: KeySet, key_id: str | None) -> list[Any]:
    return [key for key in keys.keys if key_id is None or key.kid == key_id]
