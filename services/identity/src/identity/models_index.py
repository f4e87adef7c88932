"""All tables of identity, for migrations."""

from identity.anonymous_accesses.models import AnonymousAccess
from identity.api_keys.models import ApiKey, ApiKeySecret
from identity.archive_requests.models import ArchiveAnswer, ArchiveRequest
from identity.audit_events.models import AuditCounter, AuditEvent
from identity.codes.models import Code
from identity.contact_changes.models import ContactChange
from identity.deletion_requests.models import DeletionCopy, DeletionRequest, DeletionStep
from identity.external_sign_ins.models import ExternalIdentity, ExternalSession, ExternalSignIn, SeenAssertion
from identity.forgot_password.models import PasswordRequest
from identity.identity_providers.models import Domain, IdentityProvider
from identity.impersonation_requests.models import ImpersonationRequest
from identity.message_contents.models import MessageContent
from identity.mfa_totp.models import RecoveryCode, TotpConfiguration
from identity.oauth2_client_settings.models import OAuth2Client
from identity.onboarding_requests.models import OnboardingInvite, OnboardingRequest
from identity.openid.interactions.models import Interaction
from identity.openid.models import (
    Assertion,
    AuthorizationCode,
    BrowserSession,
    Consent,
    DeviceCode,
    LogoutNotice,
    PushedRequest,
)
from identity.organizations.models import Organization
from identity.passkeys.models import Passkey, PasskeyChallenge
from identity.registration_invitations.models import RegistrationInvitation
from identity.scim.models import ScimGroup, ScimGroupMember, ScimRequest, ScimUser
from identity.service_accounts.models import ServiceAccount
from identity.service_documents.models import (
    ServiceDocument,
    ServiceDocumentAgreement,
    ServiceDocumentTranslation,
)
from identity.sessions.models import RefreshToken, Session
from identity.sign_up.models import SignUpRequest
from identity.signing_keys.models import SigningKey
from identity.tables import Base
from identity.throttling.models import Throttle
from identity.user_activities.models import UserActivity
from identity.user_checkins.models import UserCheckin
from identity.user_replications.models import UserReplication
from identity.users.models import AdditionalIndividual, User, UserOrganization, UserRole

metadata = Base.metadata

__all__ = [
    "AdditionalIndividual",
    "AnonymousAccess",
    "ApiKey",
    "ApiKeySecret",
    "ArchiveAnswer",
    "ArchiveRequest",
    "Assertion",
    "AuditCounter",
    "AuditEvent",
    "AuthorizationCode",
    "BrowserSession",
    "Code",
    "Consent",
    "ContactChange",
    "DeletionCopy",
    "DeletionRequest",
    "DeletionStep",
    "DeviceCode",
    "Domain",
    "ExternalIdentity",
    "ExternalSession",
    "ExternalSignIn",
    "IdentityProvider",
    "ImpersonationRequest",
    "Interaction",
    "LogoutNotice",
    "MessageContent",
    "OAuth2Client",
    "OnboardingInvite",
    "OnboardingRequest",
    "Organization",
    "Passkey",
    "PasskeyChallenge",
    "PasswordRequest",
    "PushedRequest",
    "RecoveryCode",
    "RefreshToken",
    "RegistrationInvitation",
    "ScimGroup",
    "ScimGroupMember",
    "ScimRequest",
    "ScimUser",
    "SeenAssertion",
    "ServiceAccount",
    "ServiceDocument",
    "ServiceDocumentAgreement",
    "ServiceDocumentTranslation",
    "Session",
    "SignUpRequest",
    "SigningKey",
    "Throttle",
    "TotpConfiguration",
    "User",
    "UserActivity",
    "UserCheckin",
    "UserOrganization",
    "UserReplication",
    "UserRole",
    "metadata",
]
