"""Who asks."""

from datetime import datetime
from uuid import UUID

import msgspec

OPERATOR_ROLE = "system.admin"
NOWHERE = UUID(int=0)


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """What a verified token says of its bearer.

    `scopes` is None for a person's own token, which is not narrowed; an API key's token lists what it may.
    `impersonator` is the user behind an `act` claim (RFC 8693, section 4.1), `impersonator_session` their own session.
    `key_id` is the API key behind a token, or the OAuth 2 client that has it in its own name; `endpoint` the one
    operation that a token is good for (`identity GET /v1/users/1`).
    `auth_time`, `acr` and `amr` say when and how the person last showed who they are (RFC 9470, section 6.1).
    """

    subject: str
    user_id: UUID | None = None
    session_id: UUID | None = None
    organization_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    service: str | None = None
    impersonator: UUID | None = None
    impersonator_session: UUID | None = None
    key_id: UUID | None = None
    endpoint: str | None = None
    auth_time: datetime | None = None
    acr: str | None = None
    amr: tuple[str, ...] = ()
    issued_at: datetime
    expires_at: datetime
    token: str

    @property
    def is_operator(self) -> bool:
        """Whether this is the platform's operator."""
        return OPERATOR_ROLE in self.roles

    @property
    def is_support(self) -> bool:
        """Whether this is one of the operator's staff: any system role."""
        return any(role.startswith("system.") for role in self.roles)

    @property
    def bound_to(self) -> UUID | None:
        """The organization beyond which a narrowed credential does not reach, whatever its bearer may elsewhere.

        The nil id, which nothing has, where the credential names none.
        """
        return None if self.scopes is None else self.organization_id or NOWHERE
