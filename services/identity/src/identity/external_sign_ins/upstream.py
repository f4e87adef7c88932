"""A session as a SAML provider knows it."""

import msgspec

from identity.vault import Vault


class Upstream(msgspec.Struct, frozen=True):
    """How the provider knows the session: what it is ended by, there and here."""

    name_id: str
    format: str | None
    index: str | None


def subject_mark(vault: Vault, name_id: str) -> bytes:
    """By what sessions of a person are found."""
    return vault.mark("saml-subject", name_id.encode())


def index_mark(vault: Vault, index: str) -> bytes:
    """By what one session is found."""
    return vault.mark("saml-session", index.encode())
