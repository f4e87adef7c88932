"""All tables of identity, for migrations."""

from identity.audit_events.models import AuditEvent
from identity.codes.models import Code
from identity.forgot_password.models import PasswordRequest
from identity.message_contents.models import MessageContent
from identity.organizations.models import Organization
from identity.sessions.models import RefreshToken, Session
from identity.sign_up.models import SignUpRequest
from identity.signing_keys.models import SigningKey
from identity.tables import Base
from identity.throttling.models import Throttle
from identity.users.models import User, UserOrganization, UserRole

metadata = Base.metadata

__all__ = [
    "AuditEvent",
    "Code",
    "MessageContent",
    "Organization",
    "PasswordRequest",
    "RefreshToken",
    "Session",
    "SignUpRequest",
    "SigningKey",
    "Throttle",
    "User",
    "UserOrganization",
    "UserRole",
    "metadata",
]
