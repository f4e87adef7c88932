"""`/api/v1/learning/cohorts/{id}/completions`."""

from uuid import UUID, uuid4

import pytest
from artifacts.persons.merging import merge
from contracts.artifacts import CohortsReported
from contracts.orgs import AggregationRequested
from kernel import parse_prefixed_ulid, prefixed_ulid

PATH = "/api/v1/learning/cohorts"


@pytest.fixture
async def course(world):
    """A cohort of three learners, four sessions and an assessment."""
    learners = [await world.person(name, role=None) for name in ("Ada", "Bob", "Cyd")]
    cohort = await world.cohort("Spring", profile_ids=[str(one.id) for one in learners])
    path = f"{PATH}/{prefixed_ulid('coh', UUID(cohort))}"
    assessment = f"asm-{uuid4()}"
    answer = await world.as_().patch(path, json={"session_count": 4, "assigned_assessment_ids": [assessment]})
    assert answer.status_code == 200, answer.text
    return path, learners, assessment


async def record(world, path, status=201, caller=None, **body):
    answer = await (caller or world.as_()).post(f"{path}/completions", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def completed(world, path):
    return (await world.as_().get(path)).json()["current_completion_pct"]


async def test_the_mean_over_the_learners(world, course):
    path, (ada, bob, cyd), assessment = course
    assert await completed(world, path) == 0
    await record(world, path, learner_id=str(ada.id), session=1)
    assert await completed(world, path) == 6.67
    await record(world, path, learner_id=str(ada.user_id), session=2)
    await record(world, path, learner_id=str(ada.id), assessment_id=assessment)
    assert await completed(world, path) == 20
    await record(world, path, learner_id=str(bob.id))
    await record(world, path, learner_id=str(cyd.id), completion_pct=50)
    assert await completed(world, path) == 70
    found = (await world.as_().get(PATH, params={"current_completion_pct": 70})).json()
    assert [row["current_completion_pct"] for row in found["items"]] == [70]
    assert (await world.as_().get(PATH, params={"current_completion_pct": 71})).json()["total"] == 0
    answer = await world.as_().patch(path, json={"session_count": 1})
    assert answer.json()["current_completion_pct"] == 83.33  # Ada: one of one session and the assessment
    version = answer.json()["version"]
    await record(world, path, learner_id=str(cyd.id), completion_pct=100)
    body = (await world.as_().get(path)).json()
    assert (body["current_completion_pct"], body["version"]) == (100, version)


async def test_the_same_again_is_the_same_record(world, course):
    path, (ada, *_), _ = course
    first = await record(world, path, learner_id=str(ada.id), session=1, completed_at="2026-01-01T10:00:00Z")
    assert await record(world, path, learner_id=str(ada.user_id), session=1) == first
    assert first["learner_id"] == str(ada.id)
    assert (first["user_id"], first["completion_pct"], first["id"][:4]) == (str(ada.user_id), 100, "cmp_")
    moved = await record(world, path, learner_id=str(ada.id), session=1, completed_at="2026-01-02T10:00:00Z")
    assert (moved["id"], moved["completed_at"]) == (first["id"], "2026-01-02T10:00:00Z")
    less = await record(world, path, learner_id=str(ada.id), completion_pct=10)
    more = await record(world, path, learner_id=str(ada.id), completion_pct=20)
    assert (less["id"], more["completion_pct"]) == (more["id"], 20)
    listed = (await world.as_().get(f"{path}/completions")).json()
    assert [row["id"] for row in listed["items"]] == [first["id"], more["id"]]


async def test_lists_by_cursor_and_filters(world, course):
    path, (ada, bob, _), assessment = course
    for session in (1, 2, 3):
        await record(world, path, learner_id=str(ada.id), session=session)
    await record(world, path, learner_id=str(bob.id), assessment_id=assessment)
    seen, cursor = [], None
    while True:
        body = (
            await world.as_().get(f"{path}/completions", params={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        ).json()
        assert body["total"] == 4
        seen += [row["session"] for row in body["items"]]
        if (cursor := body["next_cursor"]) is None:
            break
    assert seen == [1, 2, 3, None]
    for parameters, total in (
        ({"learner_id": str(ada.user_id)}, 3),
        ({"learner_id": str(bob.id)}, 1),
        ({"session": 2}, 1),
        ({"session": 10**12}, 0),
        ({"assessment_id": assessment}, 1),
    ):
        assert (await world.as_().get(f"{path}/completions", params=parameters)).json()["total"] == total, parameters


async def test_taking_one_back(world, course):
    path, (ada, *_), _ = course
    one = await record(world, path, learner_id=str(ada.id))
    assert (await world.as_("org.member").delete(f"{path}/completions/{one['id']}")).status_code == 403
    assert (await world.as_().delete(f"{path}/completions/{one['id']}")).status_code == 204
    assert (await world.as_().delete(f"{path}/completions/{one['id']}")).status_code == 404
    assert await completed(world, path) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"session": 5}, "session"),
        ({"session": 0}, "session"),
        ({"assessment_id": f"asm-{uuid4()}"}, "assessment_id"),
        ({"assessment_id": "x"}, "assessment_id"),
        ({"completion_pct": 101}, "completion_pct"),
        ({"session": 1, "completion_pct": 1}, "completion_pct"),
        ({"completed_at": "2999-01-01T00:00:00Z"}, "completed_at"),
        ({"completed_at": "2020-01-01T00:00:00"}, "completed_at"),
        ({"learner_id": "x"}, "learner_id"),
        ({"learner_id": str(uuid4())}, "learner_id"),
        ({"other": 1}, "other"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_bad_values(world, course, body, pointer):
    path, (ada, *_), _ = course
    answer = await record(world, path, 400, **{"learner_id": str(ada.id), **body})
    assert answer["errors"][0]["pointer"].strip("/") == pointer, answer


async def test_who_records(world, course):
    path, (ada, *_), _ = course
    ina, ida = await world.person("Ina"), await world.person("Ida")
    await world.as_().patch(path, json={"facilitator_ids": [str(ina.user_id)]})
    for caller, status in (
        (world.as_("org.member", user=ida.user_id), 403),
        (world.as_("", user=ada.user_id), 403),
        (world.as_(organization=world.elsewhere), 404),
    ):
        await record(world, path, status, caller, learner_id=str(ada.id), session=1)
        assert await completed(world, path) == 0
    facilitator = world.as_("org.member", user=ina.user_id)
    one = await record(world, path, 201, facilitator, learner_id=str(ada.id), session=1)
    assert (one["recorded_by"], one["session"]) == (str(ina.user_id), 1)
    assert (await world.as_().get(f"{path}/completions")).json()["items"] == [one]


async def test_nobody_outside_learns(world, course):
    path, _, _ = course
    stranger = await world.person("Eve", role=None)
    answer = await record(world, path, 400, learner_id=str(stranger.id))
    assert answer["code"] == "not-enrolled"


async def test_a_deleted_cohort_takes_none(world, course):
    path, (ada, *_), _ = course
    await world.as_().delete(path)
    await record(world, path, 404, learner_id=str(ada.id))
    assert (await world.as_().get(f"{path}/completions")).status_code == 200


async def test_what_was_completed_is_reported_to_orgs(world, course, outbox):
    path, (ada, bob, cyd), _ = course
    other = await world.cohort("Other", profile_ids=[str(ada.id)])
    await record(world, path, learner_id=str(ada.id), completion_pct=50)
    await record(world, path, learner_id=str(bob.id), session=1)
    assert parse_prefixed_ulid("coh", path.rsplit("/", 1)[1]) != UUID(other)
    people = (ada, bob, cyd)
    asked = AggregationRequested(
        request_id=uuid4(),
        column="completion",
        individual_ids=tuple(uuid4() for _ in people),
        user_ids=tuple(one.user_id for one in people),
    )
    await world.happen(asked)
    (report,) = [event for event in await outbox() if isinstance(event, CohortsReported)]
    assert report.values == (0.25, 0.2, 0.0)


async def test_what_somebody_completed_stays_theirs_when_they_turn_out_to_be_another(world, course):
    path, (ada, bob, cyd), _ = course
    await record(world, path, learner_id=str(ada.id), session=1)
    kept = await record(world, path, learner_id=str(ada.id), session=2)
    await record(world, path, learner_id=str(cyd.id), session=2)
    own = await record(world, path, learner_id=str(bob.id), session=1)
    await merge(world.session, world.organization, {ada.id: bob.id, cyd.id: bob.id})
    listed = (await world.as_().get(f"{path}/completions")).json()["items"]
    assert {(row["id"], row["learner_id"]) for row in listed} == {(one["id"], str(bob.id)) for one in (own, kept)}
