"""A service signs in."""

from typing import Annotated, Literal

import msgspec
from jsonapi import Document, NewDocument
from msgspec import UNSET, UnsetType

Name = Annotated[str, msgspec.Meta(max_length=512)]
HashName = Annotated[str, msgspec.Meta(max_length=512, pattern="^[a-z0-9-]+$")]


class InternalAuth(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """A service's name and the SHA-512 of its secret in hex."""

    namespace: Name
    sa_name: Name
    sa_token_sha512: Annotated[str, msgspec.Meta(max_length=512)] = msgspec.field(name="sa-token-sha512")
    self_token_hash: HashName | None = None
    self_token_name: HashName | None = None


class InternalTokens(msgspec.Struct, rename="kebab", kw_only=True):
    """A service's token. A service is no person: it has no e-mail, no id token and nothing to refresh."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 the scheme's name
    expires_in: int
    user_id: str
    username: str
    email: str | UnsetType = UNSET
    id_token: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET


class ProjectedToken(msgspec.Struct, forbid_unknown_fields=True):
    """The token of a Kubernetes service account, projected into a pod for our audience."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=8192)]


class InternalToken(msgspec.Struct, rename="kebab"):
    """A service's token, and for how many seconds it lives."""

    access_token: str
    expires_in: int


NewInternalAuth = NewDocument[Literal["internal-auths"], ProjectedToken]
InternalAuthDocument = Document[Literal["internal-auths"], InternalToken]
