"""What the platform itself sees persons do becomes events of theirs."""

from uuid import uuid4

from artifacts.cohorts.calculations.models import CohortMention
from artifacts.cohorts.models import Cohort
from artifacts_capturing import Project, event, project_of
from contracts.artifacts import CohortMemberEntered, CohortMemberLeft
from contracts.identity import SessionEnded, SessionStarted, UserCheckedIn
from contracts.orgs import FeatureUsersChanged, GroupPeopleChanged, OrganizationUserAdded
from kernel import now


async def _told(world) -> list[tuple]:
    project = Project(world, "")
    return [(one.event, one.person_id, one.properties) for one in await project.events()]


async def test_sign_ins_and_check_ins(world):
    ann = await world.person("Ann")
    session_id, checkin_id = uuid4(), uuid4()
    await world.happen(
        SessionStarted(session_id=session_id, user_id=ann.user_id),
        UserCheckedIn(checkin_id=checkin_id, user_id=ann.user_id, source="ios"),
        SessionEnded(session_id=session_id, user_id=ann.user_id, reason="signed-out"),
        SessionStarted(session_id=uuid4(), user_id=uuid4()),
    )
    assert await _told(world) == [
        ("$signed_in", ann.id, {"session_id": str(session_id)}),
        ("$checked_in", ann.id, {"source": "ios"}),
        ("$signed_out", ann.id, {"session_id": str(session_id), "reason": "signed-out"}),
    ]


async def test_groups_also_before_there_is_a_profile(world):
    ann, individual, user = await world.person("Ann"), uuid4(), world.known("Pat")
    group = {"group_id": uuid4(), "organization_id": world.organization}
    await world.happen(
        GroupPeopleChanged(**group, kind="member", added=(ann.user_id,)),
        GroupPeopleChanged(**group, kind="individual", added=(individual,)),
        OrganizationUserAdded(
            organization_id=world.organization, user_id=user, account_type="patient", individual_id=individual
        ),
        GroupPeopleChanged(**group, kind="member", removed=(ann.user_id,)),
    )
    pat = await world.profile(user)
    told = [(name, person, properties["kind"]) for name, person, properties in await _told(world)]
    assert told == [
        ("$group_joined", ann.id, "member"),
        ("$group_joined", pat.id, "individual"),
        ("$group_left", ann.id, "member"),
    ]


async def test_features(world):
    ann = await world.person("Ann")
    await world.happen(
        FeatureUsersChanged(feature_id="dark", user_ids=(ann.user_id,), state="enabled"),
        FeatureUsersChanged(feature_id="dark", user_ids=(ann.user_id,), state=None, organization_id=world.organization),
    )
    assert [properties for _, _, properties in await _told(world)] == [
        {"feature_id": "dark", "state": "enabled"},
        {"feature_id": "dark", "state": None},
    ]


async def test_cohorts_but_not_those_that_look_at_entries(world, session):
    ann = await world.person("Ann")
    plain, looking, reaching = (
        Cohort(organization_id=world.organization, number=number, is_static=False) for number in (91, 92, 93)
    )
    session.add_all([plain, looking, reaching])
    await session.flush()
    for kind, name, cohort in (("event", "$cohort_entered", looking), ("cohort", str(looking.id), reaching)):
        session.add(CohortMention(organization_id=world.organization, kind=kind, name=name, cohort_id=cohort.id))
    await session.flush()
    for cohort in (plain, looking, reaching):
        common = {"cohort_id": cohort.id, "organization_id": world.organization, "person_ids": (ann.id, uuid4())}
        await world.happen(CohortMemberEntered(**common, at=now()), CohortMemberLeft(**common, at=now(), source="hand"))
    assert await _told(world) == [
        ("$cohort_entered", ann.id, {"cohort_id": str(plain.id), "source": "filter"}),
        ("$cohort_left", ann.id, {"cohort_id": str(plain.id), "source": "hand"}),
    ]


async def test_nobody_captures_what_the_platform_tells(world):
    project = await project_of(world, world.organization, 41)
    body = await project.sent(event("$signed_in", "ann"), event("seen", "ann"))
    assert [one["detail"] for one in body["refused"]] == ["$signed_in is told by the platform itself."]
