"""Cohorts through the gateway: a form from the empty draft to a cohort, and the file of it."""

import csv
import io
from typing import Any

from journeys import Gateway, new_organization, new_staff, switched, until

V5 = "/api/v5/artifacts"


async def v5(person: Gateway, path: str, body: Any, method: str = "POST", status: int = 200) -> Any:
    answer = await person.call(method, f"{V5}/{path}", body)
    assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


async def own_profile(person: Gateway) -> str:
    """The person's profile, once artifacts knows of them."""

    async def known() -> str | None:
        return (await v5(person, "profiles/context", {}))["id"]

    return await until(known)


async def test_a_form_from_an_empty_draft_to_a_cohort_and_its_file(operator: Gateway) -> None:
    organization = await new_organization(operator)
    admin = await switched(operator, organization)
    learner = await new_staff(operator, organization)
    profile = await own_profile(learner)
    made = await v5(admin, "simulations/create", {"simulations": [{"name": "Triage", "positions": [1]}]})
    simulation = made["results"][0]["simulation_id"]
    persona = (await v5(admin, "personas/create", {"personas": [{"name": "Nurse"}]}))["results"][0]["persona_id"]

    draft = await v5(admin, "cohorts/draft", {}, "PATCH")
    steps = [
        {"name": "=Spring", "description": "The first"},
        {"simulation_ids": [simulation], "simulation_positions": [{"simulation_id": simulation, "value": 1}]},
        {"profile_ids": [profile], "profile_personas": [{"profile_id": profile, "persona_id": persona}]},
    ]
    for step in steps:
        key = {"input_draft_id": draft["draft_id"], "expected_version": draft["new_version"]}
        draft = await v5(admin, "cohorts/draft", {**key, **step}, "PATCH")
    stale = await v5(admin, "cohorts/draft", {**key, "name": "Autumn"}, "PATCH", status=409)
    assert (stale["current_version"], stale["form_state"]["name"]) == (4, "=Spring")
    form = await v5(admin, "cohorts/get", {"draft_id": draft["draft_id"]})
    assert [item["profile_id"] for item in form["profiles"]["current"]] == [profile]

    ids = {name: value for name, value in draft["form_state"].items() if name.endswith(("_id", "_ids"))}
    created = await v5(admin, "cohorts/create", {"cohorts": [{"id": draft["draft_id"], **ids}]})
    cohort = created["results"][0]["cohort_id"]
    found = await v5(learner, "cohorts/search", {"filter_profile_ids": [profile], "search": "spring"})
    assert [(row["cohort_id"], row["can_leave"], row["can_edit"]) for row in found["cohorts"]] == [
        (cohort, True, False)
    ]
    assert not (await v5(admin, "cohorts/drafts", None))["entries"][0]["active"]

    file = await v5(admin, "cohorts/export", {"cohort_id": cohort})
    answer = await admin.call("GET", f"/api/v5/uploads/{file['upload_id']}")
    assert answer.status_code == 200, answer.text
    (row,) = csv.DictReader(io.StringIO(answer.text))
    assert (row["name"], row["profile_name"], row["simulations"]) == ("'=Spring", "Ada Byron", "Triage")
    stranger = await new_staff(operator, await new_organization(operator))
    assert (await stranger.call("GET", f"/api/v5/uploads/{file['upload_id']}")).status_code == 404

    await v5(learner, "cohorts/leave", {"cohort_id": cohort})
    removed = await v5(admin, "cohorts/delete", {"cohort_ids": [cohort]})
    assert removed["results"][0]["success"]
    assert (await v5(admin, "cohorts/search", {}))["total_count"] == 0
