"""Secrets of clients: 256 random bits with a readable prefix, kept as SHA-256."""

import hashlib
import secrets

PREFIX = "mst_cs_"
SECRET_BYTES, ID_BYTES = 32, 16


def new_secret() -> str:
    """A secret that nobody has seen."""
    return PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_client_id() -> str:
    """A client's public name."""
    return "mst_client_" + secrets.token_urlsafe(ID_BYTES)


def digest(secret: str) -> bytes:
    """By what a secret is known."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
