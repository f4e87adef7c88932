"""What goes in and out."""

import msgspec

from authz.answers import AccessQueries, Id


class AccessRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A user and queries of the form `type:id:operation`; all must be allowed."""

    access_query: AccessQueries
    user_id: Id


class AccessAnswer(msgspec.Struct):
    """Whether the user may."""

    allow: bool
