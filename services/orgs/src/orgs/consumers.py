"""What orgs does when others announce something."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from chassis import erasure
from chassis.runtime import Runtime
from contracts.artifacts import CohortsReported
from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import (
    ArchiveConfirmed,
    LoginsReported,
    MemberProvisioned,
    MemberRemoved,
    OnboardingRequestClaimed,
    ServiceAccountDeleted,
    UserConfirmed,
    UserCreated,
    UserDisabled,
    UserEnabled,
    UserUpdated,
)
from kernel import Conflict, NotFound
from messaging import Consumers, Meta
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_together
from orgs.aggregation_requests import commands as aggregations
from orgs.individual_groups.commands import enroll
from orgs.individual_groups.commands.individuals import lock_regular
from orgs.individuals import commands as individuals
from orgs.onboarding_requests import commands as invitations
from orgs.organization_codes import commands as codes
from orgs.people import commands as people
from orgs.provisioned_members import commands as provisioned
from orgs.user_organizations import commands as memberships

KNOWN = text("SELECT true FROM organizations WHERE id = :id")


def table(runtime: Runtime) -> Consumers:
    """The events that concern orgs. A person's data is read from identity, so the handlers need the process."""

    async def on_user_changed(
        session: AsyncSession, event: UserCreated | UserUpdated | UserEnabled | UserDisabled, _: Meta
    ) -> None:
        """Read what identity knows of the person again."""
        user = await people.refresh(session, runtime, event.user_id)
        if user is not None:
            await individuals.follow_user(session, user)

    async def on_user_confirmed(session: AsyncSession, event: UserConfirmed, _: Meta) -> None:
        """Let in who came by a code: a participant with an individual, or staff."""
        user = await people.refresh(session, runtime, event.user_id)
        if event.organization_id is None or not await _known(session, event.organization_id):
            return
        if event.account_type == "provider" or event.individual_id is None:
            await memberships.add_staff(session, event.organization_id, event.user_id, None)
            return
        described: dict[str, Any] = individuals.of_user(user) if user else {"registered": True}
        await _enroll(session, event, event.organization_id, event.individual_id, described)

    async def on_onboarding_claimed(session: AsyncSession, event: OnboardingRequestClaimed, _: Meta) -> None:
        """Let in who was invited."""
        user = await people.refresh(session, runtime, event.user_id)
        if await _known(session, event.organization_id):
            await invitations.claim(session, event, user)

    async def on_member_provisioned(session: AsyncSession, event: MemberProvisioned, _: Meta) -> None:
        """Let in whom another system names."""
        await people.refresh(session, runtime, event.user_id)
        if await _known(session, event.organization_id):
            await provisioned.follow(session, event)

    return {
        **erasure.consumers("orgs"),
        ArchiveConfirmed: on_archive_confirmed,
        UserCreated: on_user_changed,
        UserUpdated: on_user_changed,
        UserEnabled: on_user_changed,
        UserDisabled: on_user_changed,
        UserConfirmed: on_user_confirmed,
        OnboardingRequestClaimed: on_onboarding_claimed,
        MemberProvisioned: on_member_provisioned,
        MemberRemoved: on_member_removed,
        RoleUserAdded: on_role_user_added,
        RoleUserRemoved: on_role_user_removed,
        ServiceAccountDeleted: on_service_account_deleted,
        LoginsReported: on_aggregates_reported,
        CohortsReported: on_aggregates_reported,
    }


async def on_archive_confirmed(session: AsyncSession, event: ArchiveConfirmed, _: Meta) -> None:
    """An individual is to be archived."""
    await individuals.archive(session, event.individual_id)


async def on_member_removed(session: AsyncSession, event: MemberRemoved, _: Meta) -> None:
    """Another system has taken a user out. The last administrator stays, and who has left stays away."""
    with suppress(Conflict, NotFound):
        await memberships.remove(session, None, event.organization_id, event.user_id, "")


async def on_aggregates_reported(session: AsyncSession, event: LoginsReported | CohortsReported, _: Meta) -> None:
    """Columns of individuals were computed by the service that owns them."""
    await aggregations.report(session, event.request_id, event.column, event.individual_ids, event.values)


async def on_role_user_added(session: AsyncSession, event: RoleUserAdded, _: Meta) -> None:
    """A role in an organization makes staff."""
    if event.organization_id is not None and await _known(session, event.organization_id):
        await memberships.add_staff(session, event.organization_id, event.user_id, event.name)


async def on_role_user_removed(session: AsyncSession, event: RoleUserRemoved, _: Meta) -> None:
    """The person stays staff, without the role."""
    if event.organization_id is not None:
        await memberships.drop_role(session, event.organization_id, event.user_id, event.name)


async def on_service_account_deleted(session: AsyncSession, event: ServiceAccountDeleted, _: Meta) -> None:
    """A machine leaves its organization, unless nobody else administers that."""
    with suppress(NotFound, Conflict):
        await memberships.remove(session, None, event.organization_id, event.service_account_id, "")


async def _enroll(
    session: AsyncSession,
    event: UserConfirmed,
    organization_id: UUID,
    individual_id: UUID,
    described: dict[str, Any],
) -> None:
    """Register the individual, count the code's sign-up and put the person into the code's group."""
    await forest_together(session, organization_id)
    code = await codes.claim(session, event.organization_code, event.user_id) if event.organization_code else None
    group_id = code.group_id if code is not None and code.organization_id == organization_id else None
    holds = group_id is not None and await lock_regular(session, group_id) == organization_id
    place = {"owner_id": organization_id, "user_id": event.user_id}
    await individuals.register(session, individual_id, organization_id, **place, **described)
    if group_id is not None and holds:
        await enroll(session, organization_id, group_id, [individual_id])
    await memberships.add_participant(session, organization_id, event.user_id, individual_id)


async def _known(session: AsyncSession, organization_id: UUID) -> bool:
    return (await session.execute(KNOWN, {"id": organization_id})).first() is not None
