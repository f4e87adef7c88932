"""Who belongs to an organization has a profile there, and it follows what others tell of them."""

from uuid import UUID

from chassis.runtime import Runtime
from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import UserConfirmed, UserDisabled, UserEnabled, UserUpdated
from contracts.orgs import OrganizationUserAdded, OrganizationUserRemoved
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as cohorts
import artifacts.organizations.commands as organizations
import artifacts.profiles.commands as profiles
from artifacts.profiles import people
from artifacts.profiles.commands import Belonging


def table(runtime: Runtime) -> Consumers:
    """The consumers of a process: names are read from identity by the process's own connections."""

    async def on_user_confirmed(session: AsyncSession, event: UserConfirmed, _: Meta) -> None:
        if event.organization_id is None:
            return
        belonging = Belonging(
            organization_id=event.organization_id,
            user_id=event.user_id,
            account_type=event.account_type,
            individual_id=event.individual_id,
        )
        await _add(session, runtime, belonging, returning=False)

    async def on_user_added(session: AsyncSession, event: OrganizationUserAdded, _: Meta) -> None:
        belonging = Belonging(
            organization_id=event.organization_id,
            user_id=event.user_id,
            account_type=event.account_type,
            role=event.role,
            individual_id=event.individual_id,
        )
        await _add(session, runtime, belonging, returning=True)

    async def on_user_updated(session: AsyncSession, event: UserUpdated, _: Meta) -> None:
        await organizations.hold(session, event.user_id)
        if await profiles.exists(session, event.user_id):
            person = await people.read(runtime, event.user_id)
            if person is not None:
                await profiles.rename(session, event.user_id, person)

    return {
        UserConfirmed: on_user_confirmed,
        UserUpdated: on_user_updated,
        UserEnabled: on_user_enabled,
        UserDisabled: on_user_disabled,
        RoleUserAdded: on_role_added,
        RoleUserRemoved: on_role_removed,
        OrganizationUserAdded: on_user_added,
        OrganizationUserRemoved: on_user_removed,
    }


async def _add(session: AsyncSession, runtime: Runtime, belonging: Belonging, *, returning: bool) -> None:
    """The user is held before identity is asked, so nothing that identity says later can be passed over."""
    await organizations.hold(session, belonging.user_id)
    person = await people.read(runtime, belonging.user_id)
    if person is not None:
        await profiles.add(session, belonging, person, returning=returning)


async def on_user_enabled(session: AsyncSession, event: UserEnabled, _: Meta) -> None:
    """A login may be used again."""
    await _set_active(session, event.user_id, active=True)


async def on_user_disabled(session: AsyncSession, event: UserDisabled, _: Meta) -> None:
    """A login may not be used."""
    await _set_active(session, event.user_id, active=False)


async def _set_active(session: AsyncSession, user_id: UUID, *, active: bool) -> None:
    await organizations.hold(session, user_id)
    await profiles.set_active(session, user_id, active=active)


async def on_user_removed(session: AsyncSession, event: OrganizationUserRemoved, _: Meta) -> None:
    """A user no longer belongs to the organization, nor to its cohorts."""
    await organizations.hold(session, event.user_id)
    profile_id = await profiles.remove(session, event.organization_id, event.user_id)
    if profile_id is not None:
        await cohorts.drop_member(session, event.organization_id, profile_id)


async def on_role_added(session: AsyncSession, event: RoleUserAdded, _: Meta) -> None:
    """A user has a role; only those of an organization concern profiles."""
    if event.organization_id is not None:
        await profiles.give_role(session, event.organization_id, event.user_id, event.name)


async def on_role_removed(session: AsyncSession, event: RoleUserRemoved, _: Meta) -> None:
    """A user no longer has a role."""
    if event.organization_id is not None:
        await profiles.take_role(session, event.organization_id, event.user_id, event.name)
