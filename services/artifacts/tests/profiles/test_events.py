"""Profiles follow identity, orgs and authz by events."""

from uuid import uuid4

import pytest
from artifacts.cohorts.models import Cohort
from artifacts.departments.models import Group
from artifacts.organizations.models import Organization
from artifacts.profiles.models import Profile
from contracts.artifacts import CohortUpdated, ProfileCreated, ProfileUpdated
from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import UserConfirmed, UserDisabled, UserEnabled, UserUpdated
from contracts.orgs import (
    GroupCreated,
    GroupDeleted,
    GroupMoved,
    GroupPeopleChanged,
    GroupUpdated,
    OrganizationUpdated,
    OrganizationUserAdded,
    OrganizationUserRemoved,
)
from kernel import Unavailable, now
from sqlalchemy import func, select


async def count(world) -> int:
    return (await world.session.execute(select(func.count()).select_from(Profile))).scalar_one()


async def test_a_confirmed_participant_has_one_profile(world, outbox):
    user, individual = world.known("Pat"), uuid4()
    confirmed = UserConfirmed(
        user_id=user, account_type="patient", organization_id=world.organization, individual_id=individual
    )
    added = OrganizationUserAdded(organization_id=world.organization, user_id=user, account_type="patient")
    await world.happen(confirmed, added, confirmed, added)
    profile = await world.profile(user)
    assert (profile.name, profile.role, profile.primary_email) == ("Pat Doe", "guest", "pat@example.org")
    assert profile.individual_id == individual
    assert await count(world) == 1
    assert isinstance((await outbox())[0], ProfileCreated)
    assert sum(isinstance(event, ProfileCreated) for event in await outbox()) == 1


async def test_one_profile_for_each_organization(world):
    user = world.known("Ann")
    for organization in (world.organization, world.elsewhere):
        await world.happen(OrganizationUserAdded(organization_id=organization, user_id=user, account_type="provider"))
    assert await count(world) == 2


async def test_without_an_organization_there_is_no_profile(world):
    await world.happen(UserConfirmed(user_id=world.known("Lone"), account_type="provider"))
    assert await count(world) == 0


@pytest.mark.parametrize(("role", "shown"), [("org.admin", "admin"), ("org.member", "member"), (None, "guest")])
async def test_roles_follow_the_belonging(world, role, shown):
    assert (await world.person("Ann", role=role)).role == shown


async def test_roles_follow_grants(world, outbox):
    profile = await world.person("Ann")
    grant = {"role_id": uuid4(), "name": "org.admin", "user_id": profile.user_id}
    await world.happen(RoleUserAdded(organization_id=world.organization, **grant))
    assert (await world.profile(profile.user_id)).role == "admin"
    await world.happen(RoleUserRemoved(organization_id=world.organization, **grant))
    assert (await world.profile(profile.user_id)).role == "member"
    assert isinstance((await outbox())[-1], ProfileUpdated)
    await world.happen(RoleUserAdded(**{**grant, "name": "system.admin"}))
    assert (await world.profile(profile.user_id)).role == "member"


async def test_a_grant_may_come_before_the_belonging(world):
    user = world.known("Early")
    await world.happen(
        RoleUserAdded(role_id=uuid4(), name="org.admin", user_id=user, organization_id=world.organization),
        OrganizationUserAdded(
            organization_id=world.organization, user_id=user, account_type="provider", role="org.member"
        ),
    )
    assert (await world.profile(user)).role == "admin"


async def test_a_new_belonging_replaces_the_role(world):
    profile = await world.person("Ann", role="org.admin")
    await world.happen(
        OrganizationUserAdded(
            organization_id=world.organization, user_id=profile.user_id, account_type="provider", role="org.member"
        )
    )
    assert (await world.profile(profile.user_id)).role == "member"


async def test_names_follow_identity(world):
    profile = await world.person("Ann")
    world.identity.users[str(profile.user_id)] |= {"first-name": "Anna", "email": "anna@example.org"}
    await world.happen(UserUpdated(user_id=profile.user_id))
    changed = await world.profile(profile.user_id)
    assert (changed.name, changed.emails) == ("Anna Doe", ["anna@example.org"])


async def test_a_user_without_names_is_called_by_the_username(world):
    profile = await world.person("Ann", **{"first-name": None, "last-name": "", "username": "ann1"})
    assert profile.name == "ann1"


async def test_others_updates_are_passed_over(world):
    world.identity.status = 500
    await world.happen(UserUpdated(user_id=uuid4()))


async def test_while_identity_is_away_the_event_waits(world):
    user = world.known("Ann")
    world.identity.status = 503
    event = OrganizationUserAdded(organization_id=world.organization, user_id=user, account_type="patient")
    with pytest.raises(Unavailable):
        await world.happen(event)
    world.identity.status = 200
    await world.happen(event)
    assert await count(world) == 1


async def test_an_erased_user_gets_no_profile(world):
    await world.happen(
        OrganizationUserAdded(organization_id=world.organization, user_id=uuid4(), account_type="patient")
    )
    assert await count(world) == 0


async def test_disabled_and_enabled(world):
    profile = await world.person("Ann")
    await world.happen(UserDisabled(user_id=profile.user_id, ended_at=now()))
    assert not (await world.profile(profile.user_id)).is_active
    await world.happen(UserEnabled(user_id=profile.user_id))
    assert (await world.profile(profile.user_id)).is_active


async def test_a_user_who_was_disabled_before_comes_disabled(world):
    assert not (await world.person("Ann", enabled=False)).is_active


async def test_removed_and_back(world, outbox):
    profile = await world.person("Ann", role="org.admin")
    cohort_id = await world.cohort("Spring", profile_ids=[str(profile.id)])
    gone = OrganizationUserRemoved(organization_id=world.organization, user_id=profile.user_id)
    await world.happen(gone, gone)
    removed = await world.profile(profile.user_id)
    assert removed.removed_at is not None
    assert removed.role == "member"
    cohort = (await world.session.scalars(select(Cohort).execution_options(populate_existing=True))).one()
    assert (cohort.member_count, str(cohort.id)) == (0, cohort_id)
    assert sum(isinstance(event, CohortUpdated) for event in await outbox()) == 1

    late = UserConfirmed(user_id=profile.user_id, account_type="provider", organization_id=world.organization)
    await world.happen(late)
    assert (await world.profile(profile.user_id)).removed_at is not None
    await world.happen(
        OrganizationUserAdded(organization_id=world.organization, user_id=profile.user_id, account_type="provider")
    )
    back = await world.profile(profile.user_id)
    assert (back.id, back.removed_at, back.role) == (profile.id, None, "member")


async def test_departments_follow_groups(world):
    ann, bob = await world.person("Ann"), await world.person("Bob")
    surgery = await world.department("Surgery", ann)
    assert (await world.profile(ann.user_id)).department_ids == [surgery]
    assert (await world.profile(ann.user_id)).primary_department_id == surgery
    facts = {"group_id": surgery, "organization_id": world.organization}
    await world.happen(GroupPeopleChanged(**facts, kind="member", added=(bob.user_id, ann.user_id)))
    await world.happen(GroupPeopleChanged(**facts, kind="leader", removed=(ann.user_id,)))
    assert (await world.profile(ann.user_id)).department_ids == [surgery]
    await world.happen(GroupPeopleChanged(**facts, kind="member", removed=(ann.user_id,)))
    assert (await world.profile(ann.user_id)).department_ids == []
    assert (await world.profile(ann.user_id)).primary_department_id is None
    assert (await world.profile(bob.user_id)).department_ids == [surgery]


async def test_only_active_divisions_are_departments(world):
    ann, group = await world.person("Ann"), uuid4()
    facts = {"group_id": group, "organization_id": world.organization}
    await world.happen(
        GroupCreated(**facts, parent_id=None, name="Ward", node_type="group", type="regular"),
        GroupPeopleChanged(**facts, kind="leader", added=(ann.user_id,)),
        GroupPeopleChanged(**facts, kind="individual", added=(uuid4(),)),
    )
    assert (await world.profile(ann.user_id)).department_ids == []
    await world.happen(GroupUpdated(**facts, name="Ward", node_type="division", is_active=True))
    assert (await world.profile(ann.user_id)).department_ids == [group]
    await world.happen(GroupUpdated(**facts, name="Ward", node_type="division", is_active=False))
    assert (await world.profile(ann.user_id)).department_ids == []


async def test_people_may_come_to_a_group_before_their_profile(world):
    user = world.known("Late")
    group = uuid4()
    facts = {"group_id": group, "organization_id": world.organization}
    await world.happen(
        GroupCreated(**facts, parent_id=None, name="ICU", node_type="division", type="regular"),
        GroupPeopleChanged(**facts, kind="member", added=(user,)),
        OrganizationUserAdded(
            organization_id=world.organization, user_id=user, account_type="provider", role="org.member"
        ),
    )
    assert (await world.profile(user)).department_ids == [group]


async def test_groups_move_and_go(world):
    ann = await world.person("Ann")
    surgery = await world.department("Surgery", ann)
    parent = uuid4()
    await world.happen(GroupMoved(group_id=surgery, organization_id=world.organization, parent_id=parent))
    group = await world.session.get(Group, surgery, populate_existing=True)
    assert group.parent_id == parent
    await world.happen(GroupDeleted(group_id=surgery, organization_id=world.organization))
    assert (await world.profile(ann.user_id)).department_ids == []


async def test_another_organizations_groups_do_not_count(world):
    ann = await world.person("Ann")
    await world.department("Elsewhere", ann, organization=world.elsewhere)
    assert (await world.profile(ann.user_id)).department_ids == []


async def test_organizations_are_renamed(world):
    await world.happen(
        OrganizationUpdated(organization_id=world.organization, name="n", display_name="N", is_active=False)
    )
    row = await world.session.get(Organization, world.organization, populate_existing=True)
    assert (row.name, row.is_active, row.number) == ("n", False, 41)
