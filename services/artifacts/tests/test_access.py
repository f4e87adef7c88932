"""Every operation against every kind of caller."""

from uuid import UUID, uuid4

import msgspec
import pytest
from artifacts.personas.models import Persona
from kernel import prefixed_ulid
from testkit.access import Line, assert_complete, assert_credentials_refused
from testkit.principals import key_token

READERS = {
    "admin": 200, "instructor": 200, "member": 200, "provider": 200, "patient": 403, "support": 200, "operator": 200,
    "no organization": 403, "read key": 200, "write key": 403, "service": 403,
}  # fmt: skip
WRITERS = READERS | {"member": 403, "provider": 403, "support": 403, "read key": 403, "write key": 200}
DRAFTERS = READERS | {"read key": 403, "write key": 200}
ANYBODY = READERS | {"patient": 200, "read key": 403, "write key": 403}
PEOPLE_READERS = READERS | {"read key": 403, "people read key": 200, "people write key": 403}
PEOPLE_WRITERS = WRITERS | {"write key": 403, "people read key": 403, "people write key": 200}
PEOPLE_DRAFTERS = READERS | {"read key": 403, "people read key": 403, "people write key": 200}
IN_PERSON = ANYBODY | {"people read key": 403, "people write key": 403}
CREATORS = {caller: 201 if status == 200 else status for caller, status in WRITERS.items()}
DELETERS = {caller: 204 if status == 200 else status for caller, status in WRITERS.items()}
NOT_READ = {"outsider": 404, "read key": 404}
NOT_WRITTEN = {"outsider": 404, "write key": 404}
"""In the learning dialect an API key has only what it made."""
IN_PROJECT = READERS | {"no organization": 404, "service": 404, "outsider": 404}
ADMINS = IN_PROJECT | {"instructor": 403, "member": 403, "provider": 403, "support": 403, "read key": 403}
WITHOUT_TOKEN = dict.fromkeys(READERS, 401)
NOT_HERE = {"no organization": 404, "service": 404, "outsider": 404}
PROJECT_WRITERS = WRITERS | NOT_HERE
PROJECT_CREATORS = CREATORS | NOT_HERE
PERSON_READERS = IN_PROJECT | {"read key": 403, "whole read key": 200}
ACTIVITY_READERS = IN_PROJECT | {"read key": 403, "activity key": 200}

TABLE = {
    "searchCohorts": Line("POST", "/api/v5/artifacts/cohorts/search", READERS, {}),
    "getCohort": Line("POST", "/api/v5/artifacts/cohorts/get", READERS | {"outsider": 404}, {"cohort_id": "{cohort}"}),
    "createCohorts": Line("POST", "/api/v5/artifacts/cohorts/create", WRITERS, {"cohorts": [{"name": "New"}]}),
    "updateCohorts": Line(
        "POST", "/api/v5/artifacts/cohorts/update", WRITERS, {"cohorts": [{"cohort_id": "{cohort}"}]}
    ),
    "deleteCohorts": Line("POST", "/api/v5/artifacts/cohorts/delete", WRITERS, {"cohort_ids": ["{cohort}"]}),
    "duplicateCohort": Line(
        "POST", "/api/v5/artifacts/cohorts/duplicate", WRITERS | {"outsider": 404}, {"cohort_id": "{cohort}"}
    ),
    "leaveCohort": Line(
        "POST",
        "/api/v5/artifacts/cohorts/leave",
        dict.fromkeys(READERS, 403) | {"patient": 404, "outsider": 404},
        {"cohort_id": "{cohort}"},
    ),
    "patchCohortDraft": Line("PATCH", "/api/v5/artifacts/cohorts/draft", WRITERS, {"name": "Begun"}),
    "listCohortDrafts": Line("POST", "/api/v5/artifacts/cohorts/drafts", DRAFTERS),
    "discardCohortDrafts": Line("POST", "/api/v5/artifacts/cohorts/drafts/delete", DRAFTERS, {"draft_ids": []}),
    "exportCohorts": Line("POST", "/api/v5/artifacts/cohorts/export", READERS, {}),
    "readUpload": Line("GET", "/api/v5/uploads/{upload}", READERS | {"outsider": 404}),
    "getCohortDocs": Line("POST", "/api/v5/artifacts/cohorts/docs", READERS, {}),
    "refreshCohorts": Line("POST", "/api/v5/artifacts/cohorts/refresh", WRITERS),
    "searchSimulations": Line("POST", "/api/v5/artifacts/simulations/search", READERS, {}),
    "getSimulation": Line(
        "POST",
        "/api/v5/artifacts/simulations/get",
        READERS | {"outsider": 404},
        {"simulation_id": "{simulation}"},
    ),
    "createSimulations": Line(
        "POST", "/api/v5/artifacts/simulations/create", WRITERS, {"simulations": [{"name": "New"}]}
    ),
    "updateSimulations": Line("POST", "/api/v5/artifacts/simulations/update", WRITERS, {"simulations": []}),
    "deleteSimulations": Line("POST", "/api/v5/artifacts/simulations/delete", WRITERS, {"simulation_ids": []}),
    "searchPersonas": Line("POST", "/api/v5/artifacts/personas/search", READERS, {}),
    "getPersona": Line(
        "POST", "/api/v5/artifacts/personas/get", READERS | {"outsider": 404}, {"persona_id": "{persona}"}
    ),
    "createPersonas": Line("POST", "/api/v5/artifacts/personas/create", WRITERS, {"personas": [{"name": "New"}]}),
    "updatePersonas": Line("POST", "/api/v5/artifacts/personas/update", WRITERS, {"personas": []}),
    "deletePersonas": Line("POST", "/api/v5/artifacts/personas/delete", WRITERS, {"persona_ids": []}),
    "searchProfiles": Line("POST", "/api/v5/artifacts/profiles/search", ANYBODY, {}),
    "getProfileContext": Line("POST", "/api/v5/artifacts/profiles/context", ANYBODY, {}),
    "getProfile": Line(
        "POST",
        "/api/v5/artifacts/profiles/get",
        PEOPLE_READERS | {"patient": 404, "outsider": 404},
        {"target_profile_id": "{profile}"},
    ),
    "createProfiles": Line("POST", "/api/v5/artifacts/profiles/create", PEOPLE_WRITERS, {"profiles": [{"name": "N"}]}),
    "updateProfiles": Line(
        "POST", "/api/v5/artifacts/profiles/update", PEOPLE_WRITERS, {"profiles": [{"profile_id": "{profile}"}]}
    ),
    "deleteProfiles": Line("POST", "/api/v5/artifacts/profiles/delete", PEOPLE_WRITERS, {"profile_ids": ["{profile}"]}),
    "duplicateProfile": Line(
        "POST",
        "/api/v5/artifacts/profiles/duplicate",
        PEOPLE_WRITERS | {"outsider": 404},
        {"target_profile_id": "{profile}"},
    ),
    "patchProfileDraft": Line("PATCH", "/api/v5/artifacts/profiles/draft", PEOPLE_WRITERS, {"name": "Begun"}),
    "listProfileDrafts": Line("POST", "/api/v5/artifacts/profiles/drafts", PEOPLE_DRAFTERS),
    "discardProfileDrafts": Line(
        "POST", "/api/v5/artifacts/profiles/drafts/delete", PEOPLE_DRAFTERS, {"draft_ids": []}
    ),
    "emulateProfile": Line(
        "POST",
        "/api/v5/artifacts/profiles/emulate",
        IN_PERSON | {"outsider": 404},
        {"target_profile_id": "{profile}"},
    ),
    "unemulateProfile": Line("POST", "/api/v5/artifacts/profiles/unemulate", IN_PERSON),
    "exportProfiles": Line("POST", "/api/v5/artifacts/profiles/export", PEOPLE_READERS, {}),
    "getProfileDocs": Line("POST", "/api/v5/artifacts/profiles/docs", PEOPLE_READERS, {}),
    "refreshProfiles": Line("POST", "/api/v5/artifacts/profiles/refresh", PEOPLE_WRITERS),
    "listProjectCohorts": Line("GET", "/api/projects/41/cohorts/", IN_PROJECT),
    "readProjectCohort": Line("GET", "/api/projects/41/cohorts/1/", IN_PROJECT),
    "captureBatch": Line("POST", "/batch/", WITHOUT_TOKEN, {"batch": []}),
    "captureEvent": Line("POST", "/capture/", WITHOUT_TOKEN, {"event": "a", "distinct_id": "b"}),
    "captureFromApplication": Line("POST", "/i/v0/e/", WITHOUT_TOKEN, {"event": "a", "distinct_id": "b"}),
    "captureFromBrowser": Line("POST", "/e/", WITHOUT_TOKEN, {"event": "a", "distinct_id": "b"}),
    "readCaptureToken": Line("GET", "/api/projects/41/capture-token/", ADMINS),
    "rotateCaptureToken": Line("POST", "/api/projects/41/capture-token/rotate/", ADMINS),
    "createProjectCohort": Line("POST", "/api/projects/41/cohorts/", PROJECT_CREATORS, {"name": "New"}),
    "updateProjectCohort": Line("PATCH", "/api/projects/41/cohorts/1/", PROJECT_WRITERS, {"name": "New"}),
    "replaceProjectCohort": Line("PUT", "/api/projects/41/cohorts/1/", PROJECT_WRITERS, {"name": "New"}),
    "deleteProjectCohort": Line(
        "DELETE", "/api/projects/41/cohorts/1/", dict.fromkeys(READERS, 405) | {"read key": 403}
    ),
    "duplicateProjectCohort": Line("POST", "/api/projects/41/cohorts/1/duplicate_as_static_cohort/", PROJECT_WRITERS),
    "duplicateProjectCohortByGet": Line(
        "GET", "/api/projects/41/cohorts/1/duplicate_as_static_cohort/", PROJECT_WRITERS
    ),
    "listProjectCohortPersons": Line("GET", "/api/projects/41/cohorts/1/persons/", PERSON_READERS),
    "exportProjectCohortPersons": Line("GET", "/api/projects/41/cohorts/1/persons.csv", PERSON_READERS),
    "listCohortPersons": Line(
        "GET", "/api/cohort/1/persons/", PERSON_READERS | {"no organization": 403, "service": 403}
    ),
    "addPersonsToStaticCohort": Line(
        "PATCH",
        "/api/projects/41/cohorts/1/add_persons_to_static_cohort/",
        PROJECT_WRITERS,
        {"person_ids": ["{person}"]},
    ),
    "removePersonFromStaticCohort": Line(
        "PATCH",
        "/api/projects/41/cohorts/1/remove_person_from_static_cohort/",
        PROJECT_WRITERS,
        {"person_id": "{person}"},
    ),
    "listProjectCohortActivity": Line("GET", "/api/projects/41/cohorts/activity/", ACTIVITY_READERS),
    "readProjectCohortActivity": Line("GET", "/api/projects/41/cohorts/1/activity/", ACTIVITY_READERS),
    "listProjectCohortCalculations": Line("GET", "/api/projects/41/cohorts/1/calculation_history/", IN_PROJECT),
    "readProjectCohortUses": Line("GET", "/api/projects/41/cohorts/1/used_in/", IN_PROJECT),
    "listLearningCohorts": Line("GET", "/api/v1/learning/cohorts", READERS),
    "createLearningCohort": Line("POST", "/api/v1/learning/cohorts", CREATORS, {"name": "New"}),
    "readLearningCohort": Line("GET", "/api/v1/learning/cohorts/{ulid}", READERS | NOT_READ),
    "updateLearningCohort": Line("PATCH", "/api/v1/learning/cohorts/{ulid}", WRITERS | NOT_WRITTEN, {"name": "New"}),
    "deleteLearningCohort": Line("DELETE", "/api/v1/learning/cohorts/{ulid}", DELETERS | NOT_WRITTEN),
    "listCompletions": Line("GET", "/api/v1/learning/cohorts/{ulid}/completions", READERS | NOT_READ),
    "recordCompletion": Line(
        "POST",
        "/api/v1/learning/cohorts/{ulid}/completions",
        CREATORS | NOT_WRITTEN,
        {"learner_id": "{learner}"},
    ),
    "deleteCompletion": Line(
        "DELETE", "/api/v1/learning/cohorts/{ulid}/completions/{completion}", DELETERS | NOT_WRITTEN
    ),
}


def test_every_operation_has_a_line(app):
    assert_complete(app, TABLE)


async def test_bad_credentials(app, session):
    await assert_credentials_refused(app)


CALLS = [(name, caller) for name, line in TABLE.items() for caller in line.expected]


@pytest.mark.parametrize(("name", "caller"), CALLS)
async def test_callers(world, name, caller):
    cohort = await world.cohort("Spring")
    teacher, provider = await world.person("Ina"), await world.person("Pro", role="org.other")
    teacher.assigned_role = "instructor"
    await world.session.flush()
    callers = {
        "admin": world.as_(),
        "instructor": world.as_("org.member", user=teacher.user_id),
        "member": world.as_("org.member"),
        "provider": world.as_("org.other", user=provider.user_id),
        "patient": world.as_(""),
        "outsider": world.as_(organization=world.elsewhere),
        "support": world.as_("system.support"),
        "operator": world.as_("system.admin"),
        "no organization": world.client.as_(roles=("org.admin",)),
        "read key": world.client.with_token(key_token(organization_id=world.organization, scopes=("cohort:read",))),
        "write key": world.client.with_token(key_token(organization_id=world.organization, scopes=("cohort:write",))),
        "people read key": world.client.with_token(
            key_token(organization_id=world.organization, scopes=("person:read",))
        ),
        "people write key": world.client.with_token(
            key_token(organization_id=world.organization, scopes=("person:write",))
        ),
        "whole read key": world.client.with_token(
            key_token(organization_id=world.organization, scopes=("cohort:read", "person:read"))
        ),
        "activity key": world.client.with_token(
            key_token(organization_id=world.organization, scopes=("activity_log:read",))
        ),
        "service": world.client.as_service("orgs"),
    }
    line = TABLE[name]
    names = {"cohort": cohort, "ulid": prefixed_ulid("coh", UUID(cohort)), **await _standing(world, name)}
    path, body = line.path, msgspec.json.encode(line.body).decode()
    for word, value in names.items():
        path, body = path.replace(f"{{{word}}}", value), body.replace(f"{{{word}}}", value)
    body = msgspec.json.decode(body)
    answer = await callers[caller].request(line.method, path, json=body)
    assert answer.status_code == line.expected[caller], answer.text


async def _standing(world, name: str) -> dict[str, str]:
    """What the operation is about."""
    made: dict[str, str] = {}
    if name == "getSimulation":
        made = {"simulation": str(await world.simulation("Triage"))}
    elif name == "getPersona":
        persona = Persona(organization_id=world.organization, name="Nurse")
        world.session.add(persona)
        await world.session.flush()
        made = {"persona": str(persona.id)}
    elif name in {"addPersonsToStaticCohort", "removePersonFromStaticCohort"}:
        made = await _in_it(world, there=name.startswith("remove"))
    elif "Completion" in name:
        made = await _completed(world)
    elif "Profile" in name:
        made = {"profile": str((await world.person("Pat", role=None)).id)}
    elif name == "readUpload":
        made = {"upload": (await world.post("cohorts/export", {}))["upload_id"]}
    return made


async def _in_it(world, *, there: bool) -> dict[str, str]:
    """A person, who is in the cohort or not."""
    person = str((await world.person("Pat", role=None)).id)
    if there:
        path = "/api/projects/41/cohorts/1/add_persons_to_static_cohort/"
        assert (await world.as_().patch(path, json={"person_ids": [person]})).status_code == 200
    return {"person": person}


async def _completed(world) -> dict[str, str]:
    """A cohort with a learner, of whom something is recorded."""
    learner = str((await world.person("Pat", role=None)).id)
    ulid = prefixed_ulid("coh", UUID(await world.cohort("Course", profile_ids=[learner])))
    path = f"/api/v1/learning/cohorts/{ulid}/completions"
    completion = (await world.as_().post(path, json={"learner_id": learner})).json()["id"]
    return {"ulid": ulid, "learner": learner, "completion": completion}


@pytest.mark.parametrize(("scopes", "status"), [(("person:read",), 200), (("cohort:read",), 403)])
async def test_profiles_need_their_own_scope(world, scopes, status):
    caller = world.client.with_token(key_token(organization_id=world.organization, scopes=scopes))
    assert (await caller.post("/api/v5/artifacts/profiles/search", json={})).status_code == status


async def test_a_removed_persons_old_token_for_another_organization(world):
    """Without a belonging the token's own claim decides, and it names one organization only."""
    caller = world.as_("org.admin", organization=uuid4())
    assert (await world.post("cohorts/search", {}, caller))["total_count"] == 0
