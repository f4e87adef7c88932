"""What a client asks for, once it was found good (OpenID Connect Core, section 3.1.2.1)."""

from typing import Any, Literal

import msgspec

Prompt = Literal["none", "login", "consent", "select_account"]
Claims = dict[str, dict[str, Any] | None]
"""Claims asked for one by one, and what is wanted of each (OpenID Connect Core, section 5.5.1)."""


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An authorization request. `redirect_uri` is where the answer goes; none for a device, which asks for it itself.

    `redirect_uri_given` says that the client named it, and must name it again when it comes with the code. `subject`
    is whom an `id_token_hint` is about. `acr_values` are wishes, the first one the dearest; `acr_demanded` are those of
    which one has to be reached. `max_age` is in seconds.
    """

    redirect_uri: str | None = None
    redirect_uri_given: bool = True
    state: str | None = None
    scopes: list[str] = []
    nonce: str | None = None
    code_challenge: str | None = None
    prompt: list[Prompt] = []
    max_age: int | None = None
    login_hint: str | None = None
    ui_locales: list[str] = []
    acr_values: list[str] = []
    acr_demanded: list[str] = []
    subject: str | None = None
    id_token_claims: Claims = {}
    userinfo_claims: Claims = {}

    @property
    def claim_names(self) -> list[str]:
        """The claims that are asked for one by one, in the order of the alphabet."""
        return sorted({*self.id_token_claims, *self.userinfo_claims} - {"acr", "auth_time", "sub"})
