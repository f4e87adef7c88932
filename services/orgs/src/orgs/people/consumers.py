"""What identity tells of people: they changed, or belong to an organization from now on.

A person's data is read from identity, so the handlers need the process.
"""

from typing import Any
from uuid import UUID

from chassis.runtime import Runtime
from contracts.identity import (
    MemberProvisioned,
    OnboardingRequestClaimed,
    UserConfirmed,
    UserCreated,
    UserDisabled,
    UserEnabled,
    UserUpdated,
)
from messaging import Consumers, Meta
from sqlalchemy.ext.asyncio import AsyncSession

from orgs.access.locks import forest_together
from orgs.individual_groups.commands import enroll
from orgs.individual_groups.commands.individuals import lock_regular
from orgs.individuals import commands as individuals
from orgs.onboarding_requests import commands as invitations
from orgs.organization_codes import commands as codes
from orgs.organizations.queries import exists
from orgs.people import commands as people
from orgs.provisioned_members import commands as provisioned
from orgs.user_organizations import commands as memberships


def table(runtime: Runtime) -> Consumers:
    """The consumers of a process."""

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
        if event.organization_id is None or not await exists(session, event.organization_id):
            return
        if event.account_type == "provider" or event.individual_id is None:
            await memberships.add_staff(session, event.organization_id, event.user_id, None)
            return
        described: dict[str, Any] = individuals.of_user(user) if user else {"registered": True}
        await _enroll(session, event, event.organization_id, event.individual_id, described)

    async def on_onboarding_claimed(session: AsyncSession, event: OnboardingRequestClaimed, _: Meta) -> None:
        """Let in who was invited."""
        user = await people.refresh(session, runtime, event.user_id)
        if await exists(session, event.organization_id):
            await invitations.claim(session, event, user)

    async def on_member_provisioned(session: AsyncSession, event: MemberProvisioned, _: Meta) -> None:
        """Let in whom another system names."""
        await people.refresh(session, runtime, event.user_id)
        if await exists(session, event.organization_id):
            await provisioned.follow(session, event)

    return {
        **dict.fromkeys((UserCreated, UserUpdated, UserEnabled, UserDisabled), on_user_changed),
        UserConfirmed: on_user_confirmed,
        OnboardingRequestClaimed: on_onboarding_claimed,
        MemberProvisioned: on_member_provisioned,
    }


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
