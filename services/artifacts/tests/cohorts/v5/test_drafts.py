"""`PATCH /api/v5/artifacts/cohorts/draft`, `POST …/drafts`, `…/drafts/delete`."""

from datetime import timedelta
from uuid import uuid4

import pytest
from artifacts import upkeep
from artifacts.cohorts.models import Cohort
from artifacts.drafts.models import Draft, DraftVersion
from artifacts.personas.models import Persona
from kernel import now
from sqlalchemy import func, select, update
from testkit.races import race

PATH = "/api/v5/artifacts/cohorts/draft"


@pytest.fixture
async def author(world):
    """Somebody who writes drafts."""
    ina = await world.person("Ina", role="org.admin")
    return world.as_(user=ina.user_id)


async def drafted(caller, **body):
    answer = await caller.patch(PATH, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_from_an_empty_draft_to_a_cohort(world, author):
    ann, triage = await world.person("Ann"), await world.simulation("Triage")
    persona = Persona(organization_id=world.organization, name="Nurse")
    world.session.add(persona)
    await world.session.flush()
    begun = await drafted(author)
    assert (begun["success"], begun["new_version"], begun["message"]) == (True, 1, "The draft was begun.")
    assert (begun["form_state"]["name"], begun["form_state"]["active_flag"]) == (None, True)
    key = {"input_draft_id": begun["draft_id"]}
    await drafted(author, **key, expected_version=1, name=" Spring ", description="First")
    await drafted(author, **key, expected_version=2, simulation_ids=[str(triage)], profile_ids=[str(ann.id)])
    last = await drafted(
        author,
        **key,
        expected_version=3,
        simulation_positions=[{"simulation_id": str(triage), "value": 2}],
        simulation_availability=[{"simulation_id": str(triage), "time": "2026-09-01T08:00:00Z", "type": "open"}],
        profile_personas=[{"profile_id": str(ann.id), "persona_id": str(persona.id)}],
    )
    form = last["form_state"]
    assert (last["new_version"], form["name"], form["description"]) == (4, "Spring", "First")
    assert form["simulation_positions"] == [{"simulation_id": str(triage), "value": 2}]
    assert form["simulation_availability"][0]["time"] == "2026-09-01T08:00:00Z"
    assert form["profile_personas"] == [{"profile_id": str(ann.id), "persona_id": str(persona.id)}]

    shown = await world.post("cohorts/get", {"draft_id": begun["draft_id"]}, author)
    assert (shown["draft_version"], shown["cohort_exists"]) == (4, False)
    assert (shown["names"]["resource"]["name"], shown["names"]["resource"]["pending"]) == ("Spring", True)
    assert [item["pending"] for item in shown["simulation_positions"]["current"]] == [True]
    assert [item["profile_id"] for item in shown["profiles"]["current"]] == [str(ann.id)]
    assert shown["names"]["errors"] == []

    lists = ("department_ids", "simulation_ids", "profile_ids", "simulation_position_ids")
    more = ("simulation_availability_ids", "profile_persona_ids", "name_id", "description_id", "flag_id")
    item = {"id": begun["draft_id"], **{name: form[name] for name in (*lists, *more)}}
    (result,) = (await world.post("cohorts/create", {"cohorts": [item]}, author))["results"]
    assert result["success"], result
    cohort = await world.session.get(Cohort, result["cohort_id"])
    assert [str(one) for one in cohort.simulation_position_ids] == form["simulation_position_ids"]
    (entry,) = (await world.post("cohorts/drafts", {}, author))["entries"]
    assert (entry["id"], entry["active"]) == (begun["draft_id"], False)
    answer = await author.patch(PATH, json={**key, "name": "Later"})
    assert (answer.status_code, answer.json()["code"]) == (409, "draft-done")


async def test_another_expected_version(author):
    begun = await drafted(author, name="Spring")
    key = {"input_draft_id": begun["draft_id"]}
    await drafted(author, **key, expected_version=1, name="Summer")
    answer = await author.patch(PATH, json={**key, "expected_version": 1, "name": "Autumn"})
    assert (answer.status_code, answer.json()["code"]) == (409, "draft-moved-on")
    assert answer.json()["current_version"] == 2
    assert answer.json()["form_state"]["name"] == "Summer"
    assert (await author.patch(PATH, json={"expected_version": 3})).status_code == 409
    assert (await drafted(author, **key, name="Winter"))["new_version"] == 3


async def test_every_version_is_kept(world, author):
    begun = await drafted(author, name="One")
    for name in ("Two", "Three"):
        await drafted(author, input_draft_id=begun["draft_id"], name=name)
    versions = await world.session.scalars(select(DraftVersion.version).order_by(DraftVersion.version))
    assert list(versions) == [1, 2, 3]


async def test_what_is_not_named_stays_and_empty_values_empty(world, author):
    ann = await world.person("Ann")
    begun = await drafted(author, name="Spring", description="First", profile_ids=[str(ann.id)])
    key = {"input_draft_id": begun["draft_id"]}
    same = await drafted(author, **key, name=None, profile_ids=None)
    assert same["form_state"] == begun["form_state"]
    empty = (await drafted(author, **key, name="", description="", profile_ids=[]))["form_state"]
    assert (empty["name_id"], empty["name"], empty["description_id"], empty["profile_ids"]) == (None, None, None, [])
    shown = await world.post("cohorts/get", {"draft_id": begun["draft_id"]}, author)
    assert shown["names"]["errors"] == [{"field": "name", "message": "A cohort needs a name."}]


async def test_values_replace_and_go_with_their_simulation(world, author):
    triage = str(await world.simulation("Triage"))
    begun = await drafted(author, simulation_ids=[triage], simulation_positions=[{"simulation_id": triage, "value": 1}])
    key = {"input_draft_id": begun["draft_id"]}
    moved = await drafted(author, **key, simulation_positions=[{"simulation_id": triage, "value": 5}])
    assert [one["value"] for one in moved["form_state"]["simulation_positions"]] == [5]
    gone = await drafted(author, **key, simulation_ids=[])
    assert gone["form_state"]["simulation_positions"] == gone["form_state"]["simulation_position_ids"] == []


async def test_a_choice_that_is_gone_is_said(world, author):
    triage = await world.simulation("Triage")
    begun = await drafted(author, name="Spring", simulation_ids=[str(triage)])
    await world.post("simulations/delete", {"simulation_ids": [str(triage)]})
    shown = await world.post("cohorts/get", {"draft_id": begun["draft_id"]}, author)
    assert shown["simulations"]["errors"] == [{"field": "simulation_ids", "message": f"{triage} is no longer there."}]


async def test_problems_are_all_named_and_nothing_is_kept(world, author):
    triage, stranger = await world.simulation("Triage"), await world.person("Eve", organization=world.elsewhere)
    answer = await author.patch(
        PATH,
        json={
            "name": "Spring",
            "name_id": str(uuid4()),
            "profile_ids": [str(stranger.id)],
            "simulation_positions": [{"simulation_id": str(triage), "value": 1}],
            "profile_personas": [{"profile_id": str(stranger.id), "persona_id": str(uuid4())}],
        },
    )
    assert answer.status_code == 400
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert pointers == {"/name_id", "/profile_ids", "/simulation_positions", "/profile_personas"}
    assert (await world.session.execute(select(func.count()).select_from(Draft))).scalar_one() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"expected_version": "1"},
        {"expected_version": -1},
        {"name": "x" * 401},
        {"simulation_positions": [{"simulation_id": "x", "value": 1}]},
        {"simulation_availability": [{"simulation_id": str(uuid4()), "time": "soon", "type": "open"}]},
        {"simulation_availability": [{"simulation_id": str(uuid4()), "time": "2026-09-01T08:00:00", "type": "open"}]},
        {"simulation_availability": [{"simulation_id": str(uuid4()), "time": "2026-09-01T08:00:00Z", "type": "ajar"}]},
        {"colour": "red"},
    ],
    ids=["text", "negative", "long", "id", "time", "zone", "type", "unknown"],
)
async def test_bad_bodies(author, body):
    answer = await author.patch(PATH, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(body))}")


async def test_drafts_are_their_authors_own(world, author):
    begun = await drafted(author, name="Mine")
    key = {"input_draft_id": begun["draft_id"]}
    elsewhere = world.as_(
        user=(await world.person("Bo", organization=world.elsewhere)).user_id, organization=world.elsewhere
    )
    for other in (world.as_(), elsewhere):
        assert (await other.patch(PATH, json={**key, "name": "Yours"})).status_code == 404
        answer = await other.post("/api/v5/artifacts/cohorts/get", json={"draft_id": begun["draft_id"]})
        assert answer.status_code == 404
        assert (await world.post("cohorts/drafts", {}, other))["entries"] == []
        (result,) = (await world.post("cohorts/drafts/delete", {"draft_ids": [begun["draft_id"]]}, other))["results"]
        assert not result["success"]
        (made,) = (await world.post("cohorts/create", {"cohorts": [{"id": str(uuid4()), "name": "X"}]}, other))[
            "results"
        ]
        assert made["success"]
    assert (await author.patch(PATH, json={"input_draft_id": str(uuid4())})).status_code == 404


async def test_discarding(world, author):
    begun = await drafted(author, name="Spring", flag_id=None)
    (entry,) = (await world.post("cohorts/drafts", {}, author))["entries"]
    assert entry["pending_name_ids"] == entry["name_ids"] == [begun["form_state"]["name_id"]]
    assert (entry["active"], entry["generated"], entry["mcp"], entry["version"]) == (True, False, False, 1)
    assert entry["session_id"]
    unknown = str(uuid4())
    body = await world.post("cohorts/drafts/delete", {"draft_ids": [begun["draft_id"], unknown]}, author)
    assert [result["success"] for result in body["results"]] == [True, False]
    assert (await world.post("cohorts/drafts", {}, author))["entries"] == []


async def test_a_name_that_was_there_is_not_pending(world, author):
    await world.cohort("Spring")
    await drafted(author, name="Spring")
    (entry,) = (await world.post("cohorts/drafts", {}, author))["entries"]
    assert (len(entry["name_ids"]), entry["pending_name_ids"]) == (1, [])


async def test_two_hundred_are_enough(world, author):
    begun = await drafted(author)
    first = await world.session.get(Draft, begun["draft_id"])
    shared = {"organization_id": first.organization_id, "owner": first.owner, "kind": "cohort", "form": {}}
    world.session.add_all(Draft(**shared) for _ in range(199))
    await world.session.flush()
    answer = await author.patch(PATH, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "too-many-drafts")


async def test_old_drafts_are_swept(world, author, app):
    old, done, fresh = [(await drafted(author))["draft_id"] for _ in range(3)]
    past = now() - timedelta(days=91)
    await world.session.execute(update(Draft).where(Draft.id == old).values(updated_at=past))
    week = now() - timedelta(days=8)
    await world.session.execute(update(Draft).where(Draft.id == done).values(updated_at=week, is_active=False))
    await upkeep.sweep_once(app.state.runtime)
    assert [str(one) for one in await world.session.scalars(select(Draft.id))] == [fresh]


async def test_one_of_many_goes_on_from_a_version(live):
    caller = live.as_(organization_id=uuid4(), roles=("org.admin",))
    begun = (await caller.patch(PATH, json={})).json()
    body = {"input_draft_id": begun["draft_id"], "expected_version": 1}
    answers = await race(lambda index: caller.patch(PATH, json={**body, "name": f"Name {index}"}))
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
    winner = next(answer.json() for answer in answers if answer.status_code == 200)
    assert {answer.json()["form_state"]["name"] for answer in answers} == {winner["form_state"]["name"]}
