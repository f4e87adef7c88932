"""The budgets: how much at once, and how long one unit takes to come back.

Caps are short, so that nobody can lock another person out for long; a device that a person has signed in from before
has a budget of its own.
"""

import msgspec


class Budget(msgspec.Struct, frozen=True):
    """`burst` uses at once; one more every `seconds`."""

    name: str
    burst: int
    seconds: float


SIGN_IN_ACCOUNT = Budget("sign-in-account", 10, 20.0)
SIGN_IN_DEVICE = Budget("sign-in-device", 20, 10.0)
SIGN_IN_ADDRESS = Budget("sign-in-address", 100, 1.0)
SIGN_IN_ORGANIZATION = Budget("sign-in-organization", 1000, 0.05)
CODE_ACCOUNT = Budget("code-account", 10, 60.0)
CODE_ADDRESS = Budget("code-address", 100, 2.0)
MESSAGE_ACCOUNT = Budget("message-account", 5, 120.0)
MESSAGE_ADDRESS = Budget("message-address", 200, 2.0)
CHECKIN_USER = Budget("checkin-user", 60, 10.0)
TOTP_USER = Budget("totp-user", 5, 120.0)
TOTP_DEVICE = Budget("totp-device", 5, 120.0)
PASSKEY_USER = Budget("passkey-user", 20, 30.0)
PASSKEY_ADDRESS = Budget("passkey-address", 100, 1.0)
SCIM_ORGANIZATION = Budget("scim-organization", 500, 0.02)
DOCUMENTS_ADDRESS = Budget("documents-address", 60, 1.0)
PASSWORD_USER = Budget("password-user", 10, 60.0)
STRENGTH_ADDRESS = Budget("strength-address", 100, 0.5)
EXPORT_PERSON = Budget("export-person", 10, 30.0)
INVITE_PERSON = Budget("invite-person", 100, 5.0)
INVITE_STRANGER = Budget("invite-stranger", 20, 600.0)
ONBOARDING_ADDRESS = Budget("onboarding-address", 30, 2.0)
INTERNAL_ADDRESS = Budget("internal-address", 200, 0.1)
ANONYMOUS_ACCESS = Budget("anonymous-access", 60, 1.0)
ANONYMOUS_ADDRESS = Budget("anonymous-address", 200, 0.5)
ANONYMOUS_PERSON = Budget("anonymous-person", 60, 10.0)
USER_TOKEN_ACCOUNT = Budget("user-token-account", 1000, 0.05)
API_KEY_PERSON = Budget("api-key-person", 30, 20.0)
IMPERSONATE_PERSON = Budget("impersonate-person", 20, 60.0)
AUTHORIZE_ADDRESS = Budget("authorize-address", 300, 0.5)
USER_CODE_BROWSER = Budget("user-code-browser", 10, 60.0)
USER_CODE_ADDRESS = Budget("user-code-address", 60, 10.0)
PROVIDER_PERSON = Budget("provider-person", 20, 10.0)
EXTERNAL_ADDRESS = Budget("external-address", 200, 0.5)
