"""Referral codes: what an invitation is answered with. 60 random bits, good once, as long as the invitation is."""

import secrets
from uuid import UUID

from identity.vault import Vault

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 12


def new_code() -> str:
    """A new code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normalised(typed: str) -> str | None:
    """A code as it was made, however it was typed; None for what cannot be one."""
    code = "".join(typed.split()).replace("-", "").upper()
    return code if len(code) == LENGTH and set(code) <= set(ALPHABET) else None


def mark(vault: Vault, code: str) -> bytes:
    """By what a code is found."""
    return vault.mark("referral", code.encode())


def seal(vault: Vault, code: str, owner: UUID) -> bytes:
    """A code at rest: it is read again when the invitation is sent again."""
    return vault.seal(code.encode(), f"referral:{owner}")


def unseal(vault: Vault, sealed: bytes, owner: UUID) -> str:
    """The code that was sealed."""
    return vault.open_sealed(sealed, f"referral:{owner}").decode()
