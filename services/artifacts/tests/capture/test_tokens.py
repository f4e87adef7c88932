"""Projects' tokens: what they open, and how much."""

from artifacts.capture import commands
from artifacts.capture.rates import Rates
from artifacts_capturing import event
from contracts.artifacts import CaptureTokenRotated


async def test_a_token_is_replaced(app, world, project, outbox):
    answer = await world.as_().post("/api/projects/@current/capture-token/rotate/")
    assert answer.status_code == 200
    new = answer.json()["token"]
    assert new != project.token
    (told,) = [event for event in await outbox() if isinstance(event, CaptureTokenRotated)]
    assert told.organization_id == world.organization
    assert new.startswith("phc_")
    app.state.runtime.extras.pop(commands.KEY, None)
    assert (await project.send(event("a", "ann"))).status_code == 401
    project.token = new
    assert (await project.send(event("a", "ann"))).status_code == 200


async def test_a_token_reads_nothing(world, project):
    for path in (
        "/api/projects/41/cohorts/",
        "/api/projects/41/capture-token/",
        "/api/v5/uploads/018f0000-0000-7000-8000-000000000001",
    ):
        for headers in ({"authorization": f"Bearer {project.token}"}, {"x-api-key": project.token}):
            assert (await world.client.get(path, headers=headers)).status_code == 401


async def test_another_project_sees_nothing(world, project):
    token = (await world.as_(organization=world.elsewhere).get("/api/projects/42/capture-token/")).json()["token"]
    own = project.token
    await project.sent(event("a", "ann", uuid="018f0000-0000-7000-8000-000000000001"))
    project.token = token
    await project.sent(event("a", "ann", uuid="018f0000-0000-7000-8000-000000000001", **{"$set": {"n": 1}}))
    project.token = own
    person = await project.person("ann")
    assert person.properties == {}
    assert len(await project.events()) == 1


async def test_a_project_may_not_send_without_measure(app, project):
    await project.sent(event("a", "ann"))
    kept = app.state.runtime.extras[commands.KEY]
    before, kept.rates = kept.rates, Rates(1)
    try:
        await project.sent(*(event("a", "ann") for _ in range(15)))
        answer = await project.send(event("a", "ann"))
        assert (answer.status_code, answer.json()["type"]) == (429, "throttled_error")
        assert 1 <= int(answer.headers["retry-after"]) <= 6
    finally:
        kept.rates = before
