"""The keys as the process holds them: the one that signs and the set that the world verifies with."""

from typing import Any

import msgspec
from joserfc.jwk import ECKey
from kernel import Unavailable
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from identity.signing_keys.models import SigningKey
from identity.vault import Vault

ALGORITHM = "ES256"
CURVE = "P-256"


class Keyring:
    """Replaced as a whole when it is loaded, so signing takes no lock."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._current: tuple[str, ECKey] | None = None
        self.published: dict[str, Any] = {"keys": []}

    @property
    def current(self) -> tuple[str, ECKey]:
        """The key to sign with and its id. Raises Unavailable before the first load."""
        if self._current is None:
            raise Unavailable("The signing keys are not loaded yet.")
        return self._current

    async def load(self, session: AsyncSession) -> None:
        """Take in what the database holds."""
        rows = (await session.scalars(select(SigningKey).order_by(SigningKey.created_at.desc()))).all()
        signing = next((row for row in rows if row.stage == "current"), None)
        if signing is not None and (self._current is None or self._current[0] != signing.id):
            self._current = signing.id, self._opened(signing)
        self.published = {"keys": [row.public for row in rows]}

    def _opened(self, row: SigningKey) -> ECKey:
        private = msgspec.json.decode(self._vault.open_sealed(row.private, f"signing-key:{row.id}"))
        return ECKey.import_key(private)


def generated(vault: Vault, stage: str) -> SigningKey:
    """A new key pair, its private part sealed. Its id is its thumbprint (RFC 7638)."""
    key = ECKey.generate_key(CURVE, auto_kid=True)
    identifier = str(key.kid)
    public = {**key.as_dict(private=False), "kid": identifier, "use": "sig", "alg": ALGORITHM}
    sealed = vault.seal(msgspec.json.encode(key.as_dict(private=True)), f"signing-key:{identifier}")
    return SigningKey(id=identifier, stage=stage, public=public, private=sealed)
