"""A service account at the token endpoint: its id is a client's, and each of its API keys is a secret of it."""

from typing import Any
from uuid import UUID

from authlib.oauth2.rfc6749 import InvalidScopeError
from chassis.runtime import Runtime
from sqlalchemy.util import await_only

from identity import tokens
from identity.api_keys.standing import counting
from identity.openid import clients
from identity.openid.clients import SECRETS, Client
from identity.parts import Parts

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
GRANTS = ["client_credentials", EXCHANGE]

FIND = """
    SELECT s.id, s.organization_id, s.name, s.acts_for_users, clock_timestamp() AS at
      FROM service_accounts s JOIN users u ON u.id = s.id LEFT JOIN organizations o ON o.id = s.organization_id
     WHERE s.id = $1 AND s.deleted_at IS NULL AND u.state = 'confirmed' AND o.is_active IS NOT FALSE
"""
NONE: dict[str, Any] = {
    "application_type": "web",
    "auth_method": SECRETS[0],
    "redirect_uris": [],
    "post_logout_redirect_uris": [],
    "backchannel_logout_uri": None,
    "scopes": [],
    "pushed_only": False,
    "jwks": None,
    "jwks_uri": None,
    "secret_hash": None,
    "previous_secret_hash": None,
    "previous_secret_until": None,
}
"""What a client has and a machine has not."""


class Machine(Client):
    """A service account. Its scopes are those of the key that it has shown; before that it has none."""

    acts_for_users: bool
    key: Any = None

    def __init__(self, runtime: Runtime, row: Any) -> None:
        """`row` is one of `FIND`."""
        super().__init__({**NONE, **dict(row), "client_id": str(row["id"]), "grant_types": GRANTS})
        self._runtime = runtime

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether this is a key of the account that counts now."""
        row = await_only(counting(self._runtime, client_secret))
        if row is None or row["user_id"] != self.id:
            return False
        self.key, self.scopes = row, list(row["scopes"])
        return True

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """Whether it authenticates so: with a key, in either of two places."""
        return method in SECRETS and endpoint != "oauth2-tokens"


async def find(runtime: Runtime, client_id: str) -> Client | None:
    """A client by its public name, or a service account by its id."""
    found = await clients.find(runtime, client_id)
    account = _id(client_id) if found is None else None
    row = await runtime.row(FIND, account) if account else None
    return Machine(runtime, row) if row is not None else found


def own_token(parts: Parts, client: Client, scopes: list[str]) -> tuple[str, int]:
    """A token in the client's own name, and the seconds that it lives. A machine's ends with the key."""
    if not isinstance(client, Machine):
        named = (client.client_id, client.id, client.organization_id)
        return tokens.machine_token(parts, *named, scopes, client.at), tokens.MACHINE_SECONDS
    row = client.key
    if row is None:
        raise InvalidScopeError
    seconds = tokens.ACCESS_SECONDS
    if row["ends"] is not None:
        seconds = max(1, min(seconds, int((row["ends"] - row["at"]).total_seconds())))
    subject = tokens.Subject(
        user_id=row["user_id"],
        session_id=None,
        organization_id=row["organization_id"],
        roles=tuple(row["roles"]),
        at=row["at"],
        scopes=frozenset(scopes),
        key_id=row["id"],
        client=client.client_id,
    )
    return tokens.access_token(parts, subject, seconds), seconds


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
