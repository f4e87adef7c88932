"""The copy that a request may ask for: sealed under a key of its own, which is itself sealed with the master key.

No operation reads it. An operator with the master key does: `python -m identity open-copy REQUEST_ID`.
"""

import os
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from identity.deletion_requests.models import DeletionCopy, DeletionRequest, DeletionStep
from identity.vault import KEY_BYTES, NONCE_BYTES, Vault


def new_key(vault: Vault, request_id: UUID) -> bytes:
    """A key for the copies of one request, sealed."""
    return vault.seal(os.urandom(KEY_BYTES), _owner(request_id))


async def keep(
    session: AsyncSession, vault: Vault, request: DeletionRequest, reference_id: UUID, number: int, part: bytes
) -> None:
    """Keep one part of one service's copy. The same part again takes its place."""
    cipher, nonce = _cipher(vault, request), os.urandom(NONCE_BYTES)
    sealed = nonce + cipher.encrypt(nonce, part, f"{reference_id} {number}".encode())
    statement = insert(DeletionCopy).values(reference_id=reference_id, part=number, sealed=sealed)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["reference_id", "part"], set_={"sealed": sealed})
    )


async def opened(session: AsyncSession, vault: Vault, request: DeletionRequest) -> dict[str, list[bytes]]:
    """The parts of a request's copies by service, each JSON: rows by table. Raises SettingsError for another key."""
    cipher = _cipher(vault, request)
    found: dict[str, list[bytes]] = {}
    statement = (
        select(DeletionStep.app, DeletionCopy)
        .join(DeletionCopy, DeletionCopy.reference_id == DeletionStep.reference_id)
        .where(DeletionStep.request_id == request.id)
        .order_by(DeletionStep.app, DeletionCopy.part)
    )
    for app, copy in await session.execute(statement):
        about = f"{copy.reference_id} {copy.part}".encode()
        found.setdefault(app, []).append(cipher.decrypt(copy.sealed[:NONCE_BYTES], copy.sealed[NONCE_BYTES:], about))
    return found


async def destroy(session: AsyncSession, request: DeletionRequest) -> None:
    """Remove the copies of a request, and with the key whatever was copied of them."""
    steps = select(DeletionStep.reference_id).where(DeletionStep.request_id == request.id)
    await session.execute(delete(DeletionCopy).where(DeletionCopy.reference_id.in_(steps)))
    request.archive_key = None


def _cipher(vault: Vault, request: DeletionRequest) -> AESGCM:
    if request.archive_key is None:
        raise ValueError("no copy was asked for")
    return AESGCM(vault.open_sealed(request.archive_key, _owner(request.id)))


def _owner(request_id: UUID) -> str:
    return f"deletion-copy:{request_id}"
