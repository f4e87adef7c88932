"""Every route of identity."""

from typing import Any

from identity.anonymous_accesses import routes as anonymous_accesses
from identity.api_keys import routes as api_keys
from identity.archive_requests import routes as archive_requests
from identity.audit_events import routes as audit_events
from identity.authenticate import routes as authenticate
from identity.confirm_forgot_password import routes as confirm_forgot_password
from identity.confirm_sign_up import routes as confirm_sign_up
from identity.deletion_requests import routes as deletion_requests
from identity.forgot_password import routes as forgot_password
from identity.identity_providers import routes as identity_providers
from identity.impersonation_requests import routes as impersonation_requests
from identity.internal_auth import routes as internal_auth
from identity.login import routes as login
from identity.logout import routes as logout
from identity.message_contents import routes as message_contents
from identity.mfa_totp import routes as mfa_totp
from identity.oauth2_client_settings import routes as oauth2_client_settings
from identity.oauth2_launcher import routes as oauth2_launcher
from identity.oauth2_redirector import routes as oauth2_redirector
from identity.oauth2_tokens import routes as oauth2_tokens
from identity.onboarding_info import routes as onboarding_info
from identity.onboarding_requests import routes as onboarding_requests
from identity.openid.authorization import routes as openid_authorization
from identity.openid.devices import routes as openid_devices
from identity.openid.pages import routes as openid_pages
from identity.openid.signing_out import routes as openid_signing_out
from identity.openid.token import routes as openid_token
from identity.openid.userinfo import routes as openid_userinfo
from identity.passkeys import routes as passkeys
from identity.password_strength import routes as password_strength
from identity.purge_data import routes as purge_data
from identity.refresh_token import routes as refresh_token
from identity.registration_invitations import routes as registration_invitations
from identity.replicators import routes as replicators
from identity.resend_invitation import routes as resend_invitation
from identity.saml_acs import routes as saml_acs
from identity.saml_login import routes as saml_login
from identity.scim import routes as scim
from identity.scim_requests import routes as scim_requests
from identity.service_accounts import routes as service_accounts
from identity.service_documents import routes as service_documents
from identity.sessions import routes as sessions
from identity.sign_up import routes as sign_up
from identity.synthetic_user_tokens import routes as synthetic_user_tokens
from identity.user_activities import routes as user_activities
from identity.user_checkins import routes as user_checkins
from identity.user_replications import routes as user_replications
from identity.users import routes as users
from identity.well_known import routes as well_known

MODULES: tuple[Any, ...] = (
    sign_up,
    confirm_sign_up,
    login,
    refresh_token,
    logout,
    authenticate,
    internal_auth,
    sessions,
    mfa_totp,
    passkeys,
    service_documents,
    users,
    user_activities,
    user_checkins,
    user_replications,
    replicators,
    password_strength,
    forgot_password,
    confirm_forgot_password,
    onboarding_requests,
    onboarding_info,
    resend_invitation,
    registration_invitations,
    impersonation_requests,
    audit_events,
    message_contents,
    archive_requests,
    deletion_requests,
    purge_data,
    oauth2_client_settings,
    oauth2_tokens,
    openid_authorization,
    openid_token,
    openid_userinfo,
    openid_devices,
    openid_signing_out,
    openid_pages,
    api_keys,
    service_accounts,
    synthetic_user_tokens,
    anonymous_accesses,
    scim,
    scim_requests,
    identity_providers,
    oauth2_launcher,
    oauth2_redirector,
    saml_login,
    saml_acs,
    well_known,
)
ROUTES: list[Any] = [route for module in MODULES for route in module.ROUTES]
