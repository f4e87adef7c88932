"""Who is not to be seen any more, and which organizations a caller decides for."""

from typing import Any

from chassis.principal import Principal
from sqlalchemy import ColumnElement, exists, or_, select

from identity.deletion_requests.models import DeletionRequest
from identity.users.models import User, UserOrganization, UserRole


def being_erased() -> ColumnElement[bool]:
    """Users whose erasure was asked for: nobody reads them any more."""
    return exists().where(DeletionRequest.user_id == User.id, DeletionRequest.status != "done")


def administered(principal: Principal) -> Any:
    """The organizations that a caller administers, as a statement."""
    granted = exists().where(
        UserRole.user_id == UserOrganization.user_id,
        UserRole.organization_id == UserOrganization.organization_id,
        UserRole.name == "org.admin",
    )
    return select(UserOrganization.organization_id).where(
        UserOrganization.user_id == principal.user_id,
        UserOrganization.account_type == "provider",
        or_(UserOrganization.role == "org.admin", granted),
    )
