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


@event("identity", "api_key", "revoked")
class ApiKeyRevoked(Event, frozen=True, kw_only=True):
    """An API key counts no more, and no token that was made of it."""

    api_key_id: UUID
    organization_id: UUID
    user_id: UUID


@event("identity", "oauth2_client", "deleted")
class OAuth2ClientDeleted(Event, frozen=True, kw_only=True):
    """An OAuth 2 client counts no more, and no token that it has in its own name: those have its id as `key`."""

    oauth2_client_id: UUID
    organization_id: UUID


@event("identity", "service_account", "deleted")
class ServiceAccountDeleted(Event, frozen=True, kw_only=True):
    """A machine is gone from its organization. Its id was a user's."""

    service_account_id: UUID
    organization_id: UUID


@event("identity", "totp", "enabled")
class TotpEnabled(Event, frozen=True, kw_only=True):
    """Signing in takes a second factor from now on."""

    totp_id: UUID
    user_id: UUID


@event("identity", "totp", "disabled")
class TotpDisabled(Event, frozen=True, kw_only=True):
    """Signing in takes no second factor any more."""

    totp_id: UUID
    user_id: UUID


@event("identity", "passkey", "registered")
class PasskeyRegistered(Event, frozen=True, kw_only=True):
    """A person may sign in by a passkey from now on."""

    passkey_id: UUID
    user_id: UUID


@event("identity", "passkey", "removed")
class PasskeyRemoved(Event, frozen=True, kw_only=True):
    """A passkey lets nobody in any more."""

    passkey_id: UUID
    user_id: UUID


@event("identity", "passkey", "suspended")
class PasskeySuspended(Event, frozen=True, kw_only=True):
    """A passkey's count of signatures went back, so there may be a copy: it lets nobody in any more."""

    passkey_id: UUID
    user_id: UUID


@event("identity", "service_document", "changed")
class ServiceDocumentChanged(Event, frozen=True, kw_only=True):
    """A version of a document that people agree to was published, corrected, or taken back before anybody agreed.

    Without `organization_id` it is for everybody.
    """

    service_document_id: UUID
    organization_id: UUID | None
    change: Literal["created", "updated", "deleted"]


@event("identity", "agreement", "recorded")
class AgreementsRecorded(Event, frozen=True, kw_only=True):
    """A person agreed to documents. Each is named once, when it was agreed to first."""

    user_id: UUID
    service_document_ids: tuple[UUID, ...]
    occasion: Literal["sign-up", "login"]


@event("identity", "agreement", "deleted")
class AgreementsDeleted(Event, frozen=True, kw_only=True):
    """The operator's staff took all of a person's agreements away: the next sign-in asks for them again."""

    user_id: UUID


@event("identity", "checkin", "recorded")
class UserCheckedIn(Event, frozen=True, kw_only=True):
    """A person's app reported the device that it runs on."""

    checkin_id: UUID
    user_id: UUID
    source: Literal["android", "ios", "web"]


@event("identity", "message", "requested")
class MessageRequested(Event, frozen=True, kw_only=True):
    """A person is to be told something. Recipient and variables are read from identity by `message_id`."""

    message_id: UUID
    type: str
    channel: Literal["email", "sms", "in-app", "web-push", "mobile"]
    user_id: UUID | None = None
    organization_id: UUID | None = None
    expires_at: datetime | None = None


@event("identity", "archive_request", "confirmed")
class ArchiveConfirmed(Event, frozen=True, kw_only=True):
    """An individual is to be archived; their own login, where there is one, may sign in no more."""

    archive_request_id: UUID
    individual_id: UUID
    user_id: UUID | None


@event("identity", "onboarding_request", "changed")
class OnboardingRequestChanged(Event, frozen=True, kw_only=True):
    """An invitation into an organization was made, sent, taken up, canceled, or could not be delivered."""

    onboarding_request_id: UUID
    organization_id: UUID
    status: Literal["created", "invited", "registering", "canceled", "failed"]


@event("identity", "onboarding_request", "claimed")
class OnboardingRequestClaimed(Event, frozen=True, kw_only=True):
    """An invited person belongs to the organization from now on, as staff with roles or as a participant.

    A participant has `individual_id`: the invited individual, or one that identity chose and orgs registers. They come
    to `group_ids`: staff as members, participants as individuals.
    """

    onboarding_request_id: UUID
    organization_id: UUID
    user_id: UUID
    account_type: Literal["provider", "patient"]
    roles: tuple[str, ...] = ()
    individual_id: UUID | None = None
    group_ids: tuple[UUID, ...] = ()
    invited_by: UUID | None = None


@event("identity", "identity_provider", "changed")
class IdentityProviderChanged(Event, frozen=True, kw_only=True):
    """Where people of an organization sign in elsewhere was set up, changed or removed; or a domain was verified."""

    identity_provider_id: UUID
    organization_id: UUID
    change: Literal["created", "updated", "deleted", "domain-verified"]


@event("identity", "member", "provisioned")
class MemberProvisioned(Event, frozen=True, kw_only=True):
    """A person is staff of an organization because another system says so, such as its identity provider (`source`).

    They have `roles` and are members of `group_ids`; what that system gave before and gives no more is in `left_roles`
    and `left_group_ids`.
    """

    user_id: UUID
    organization_id: UUID
    source: str
    roles: tuple[str, ...] = ()
    left_roles: tuple[str, ...] = ()
    group_ids: tuple[UUID, ...] = ()
    left_group_ids: tuple[UUID, ...] = ()


@event("identity", "member", "removed")
class MemberRemoved(Event, frozen=True, kw_only=True):
    """A person is staff of an organization no more because another system says so, such as its directory (`source`)."""

    user_id: UUID
    organization_id: UUID
    source: str


@event("identity", "impersonation_request", "changed")
class ImpersonationRequestChanged(Event, frozen=True, kw_only=True):
    """Somebody asked to act as a user, was allowed or refused, or began to."""

    impersonation_request_id: UUID
    user_id: UUID
    created_by: UUID
    state: Literal["requested", "approved", "denied", "used"]
    decided_by: UUID | None = None


@event("identity", "aggregation", "reported")
class LoginsReported(Event, frozen=True, kw_only=True):
    """When individuals' own users last signed in, in seconds of Unix time; None where they never did.

    `request_id` and `column` are those of orgs' AggregationRequested, and the individuals are in its order.
    """

    request_id: UUID
    column: Literal["last-login"]
    individual_ids: tuple[UUID, ...]
    values: tuple[float | None, ...]
