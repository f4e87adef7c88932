"""What identity announces."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from contracts.event import Event, event


@event("identity", "user", "created")
class UserCreated(Event, frozen=True, kw_only=True):
    """A login exists. `operator` marks the account that the first start made."""

    user_id: UUID
    account_type: Literal["provider", "patient"]
    classification: str
    operator: bool = False


@event("identity", "user", "confirmed")
class UserConfirmed(Event, frozen=True, kw_only=True):
    """A login has shown that its address is theirs.

    With an organization code they belong to `organization_id` from now on, as `account_type`; a patient has
    `individual_id`, which identity chose and orgs registers.
    """

    user_id: UUID
    account_type: Literal["provider", "patient"]
    organization_id: UUID | None = None
    organization_code: str | None = None
    individual_id: UUID | None = None


@event("identity", "user", "updated")
class UserUpdated(Event, frozen=True, kw_only=True):
    """Something of the person or the account changed; whoever holds a copy reads it again."""

    user_id: UUID


@event("identity", "user", "enabled")
class UserEnabled(Event, frozen=True, kw_only=True):
    """The login may sign in again."""

    user_id: UUID


@event("identity", "user", "disabled")
class UserDisabled(Event, frozen=True, kw_only=True):
    """The login may not sign in, and every session of it has ended at `ended_at`."""

    user_id: UUID
    ended_at: datetime


@event("identity", "user", "tokens_outdated")
class TokensOutdated(Event, frozen=True, kw_only=True):
    """Access tokens issued before `issued_before` say something that is no longer so; refreshing makes new ones."""

    user_id: UUID
    issued_before: datetime


@event("identity", "session", "started")
class SessionStarted(Event, frozen=True, kw_only=True):
    """A sign-in succeeded."""

    session_id: UUID
    user_id: UUID


@event("identity", "session", "ended")
class SessionEnded(Event, frozen=True, kw_only=True):
    """A session ended: signed out, revoked, or its refresh token was used twice."""

    session_id: UUID
    user_id: UUID
    reason: Literal["signed-out", "revoked", "reuse", "password-changed", "expired"]


@event("identity", "message", "requested")
class MessageRequested(Event, frozen=True, kw_only=True):
    """A person is to be told something. Recipient and variables are read from identity by `message_id`."""

    message_id: UUID
    type: str
    channel: Literal["email", "sms"]
    user_id: UUID | None = None
    organization_id: UUID | None = None
    expires_at: datetime | None = None
