"""Passkeys as attributes."""

from identity.passkeys.models import Passkey
from identity.passkeys.schemas import PasskeyAttributes


def attributes(row: Passkey) -> PasskeyAttributes:
    """A passkey, without its key."""
    return PasskeyAttributes(
        user_id=row.user_id,
        name=row.name,
        aaguid=row.aaguid,
        transports=row.transports,
        synced=row.synced,
        created_at=row.created_at,
        last_used=row.last_used_at,
        suspended_at=row.suspended_at,
    )
