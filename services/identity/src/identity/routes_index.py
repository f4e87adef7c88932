"""Every route of identity."""

from typing import Any

from identity.authenticate import routes as authenticate
from identity.confirm_forgot_password import routes as confirm_forgot_password
from identity.confirm_sign_up import routes as confirm_sign_up
from identity.forgot_password import routes as forgot_password
from identity.internal_auth import routes as internal_auth
from identity.login import routes as login
from identity.logout import routes as logout
from identity.message_contents import routes as message_contents
from identity.password_strength import routes as password_strength
from identity.refresh_token import routes as refresh_token
from identity.replicators import routes as replicators
from identity.sessions import routes as sessions
from identity.sign_up import routes as sign_up
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
    users,
    user_activities,
    user_checkins,
    user_replications,
    replicators,
    password_strength,
    forgot_password,
    confirm_forgot_password,
    message_contents,
    well_known,
)
ROUTES: list[Any] = [route for module in MODULES for route in module.ROUTES]
