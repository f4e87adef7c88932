"""What goes in and out."""

import msgspec

from authz.answers import AccessQueries, Context, Id


class AccessRequest(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A user and queries of the form `type:id:operation`; all must be allowed. Conditions of grants read `context`."""

    access_query: AccessQueries
    user_id: Id
    context: Context | None = None


class AccessAnswer(msgspec.Struct):
    """Whether the user may."""

    allow: bool
