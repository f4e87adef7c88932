"""Profiles as forms, drafts of them, files, docs and refreshing."""

import csv
import io
from uuid import uuid4

import pytest
from artifacts import roles
from artifacts.cohorts import flags
from artifacts.profiles.limits import limit_id
from sqlalchemy import text
from testkit.principals import key_token

DRAFT = "/api/v5/artifacts/profiles/draft"


async def get(world, caller=None, **body):
    return await world.post("profiles/get", body, caller)


async def patch(world, caller=None, status=200, **body):
    answer = await (caller or world.editor).patch(DRAFT, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


@pytest.fixture
async def office(world):
    world.boss = await world.person("Boss", role="org.admin")
    world.editor = world.as_("org.admin", user=world.boss.user_id)
    return world


async def test_an_empty_form(office):
    surgery = await office.department("Surgery")
    form = await get(office, office.editor)
    assert (form["actor_name"], form["profile_exists"], form["can_edit"]) == ("Boss Doe", False, True)
    assert form["role_options"] == ["admin", "instructor", "member", "guest"]
    assert (form["basic_show_ai_generate"], form["general_show_ai_generate"]) == (False, False)
    assert form["names"]["required"]
    assert (form["names"]["resource"], form["emails"]["current"]) == (None, [])
    assert [one["id"] for one in form["departments"]["resources"]] == [str(surgery)]
    assert [one["role"] for one in form["roles"]["resources"]] == form["role_options"]
    assert form["request_limits"]["resources"][0]["requests_per_day"] is None


async def test_the_form_of_a_profile(office):
    ann = await office.person("Ann")
    surgery = await office.department("Surgery", ann)
    ann.requests_per_day = 77
    await office.session.flush()
    form = await get(office, office.editor, target_profile_id=str(ann.id))
    assert (form["profile_exists"], form["profile_id"], form["role"]) == (True, str(ann.id), "member")
    assert form["names"]["resource"]["name"] == "Ann Doe"
    assert [one["email"] for one in form["emails"]["current"]] == ["ann@example.org"]
    assert [one["id"] for one in form["departments"]["current"]] == [str(surgery)]
    assert form["roles"]["resource"]["role"] == "member"
    assert form["request_limits"]["resource"]["id"] == str(limit_id(77))
    assert form["flags"]["resource"]["flag_option_id"] == str(flags.ACTIVE.id)
    again = await get(office, office.editor, target_profile_id=str(ann.id))
    assert again["names"]["resource"]["id"] == form["names"]["resource"]["id"]
    member = office.as_("org.member", user=ann.user_id)
    seen = await get(office, member, target_profile_id=str(office.boss.id))
    assert (seen["can_edit"], seen["role_options"]) == (False, [])
    assert seen["disabled_reason"] == "Your role may read profiles, not change them."


async def test_a_participant_sees_only_their_own_form(office):
    pat, other = await office.person("Pat", role=None), await office.person("Other")
    await get(office, office.editor, target_profile_id=str(other.id))
    caller = office.as_("", user=pat.user_id)
    form = await get(office, caller, target_profile_id=str(pat.id))
    assert [one["name"] for one in form["names"]["resources"]] == ["Pat Doe"]
    answer = await caller.post("/api/v5/artifacts/profiles/get", json={"target_profile_id": str(other.id)})
    assert answer.status_code == 404


async def test_from_an_empty_draft_to_a_profile(office):
    surgery = await office.department("Surgery")
    begun = await patch(office, name="Ann Lee")
    draft = begun["draft_id"]
    assert begun["new_version"] == 1
    steps = (
        {"email": "ann@example.org"},
        {"email": "a.lee@example.org", "request_limit": 9},
        {"department_ids": [str(surgery)], "role_ids": [str(roles.ID_OF["instructor"])]},
        {"flag_id": str(flags.INACTIVE.id)},
    )
    for version, step in enumerate(steps, 1):
        kept = await patch(office, input_draft_id=draft, expected_version=version, **step)
        assert kept["new_version"] == version + 1
    state = kept["form_state"]
    form = await get(office, office.editor, draft_id=draft)
    assert form["draft_version"] == 5
    assert (form["names"]["resource"]["name"], form["names"]["resource"]["pending"]) == ("Ann Lee", True)
    assert [one["email"] for one in form["emails"]["current"]] == ["ann@example.org", "a.lee@example.org"]
    assert form["request_limits"]["resource"]["requests_per_day"] == 9
    item = {
        "id": draft,
        "name_id": state["name_id"],
        "email_ids": state["email_ids"],
        "department_ids": state["department_ids"],
        "role_ids": state["role_ids"],
        "request_limit_id": state["request_limit_ids"][0],
        "flag_id": state["flag_id"],
    }
    made = (await office.post("profiles/create", {"profiles": [item]}, office.editor))["results"][0]
    assert (made["success"], made["profile_id"]) == (True, draft)
    found = (await office.post("profiles/search", {"search": "Ann Lee"}))["profiles"][0]
    assert found["emails"] == ["ann@example.org", "a.lee@example.org"]
    assert (found["role"], found["requests_per_day"], found["department_ids"]) == ("instructor", 9, [str(surgery)])
    entries = (await office.post("profiles/drafts", {}, office.editor))["entries"]
    assert [(entry["id"], entry["active"], entry["version"]) for entry in entries] == [(draft, False, 5)]
    done = await patch(office, input_draft_id=draft, name="Late", status=409)
    assert done["code"] == "draft-done"


async def test_a_draft_that_somebody_moved_on(office):
    draft = (await patch(office, name="Ann"))["draft_id"]
    await patch(office, input_draft_id=draft, expected_version=1, name="Anna")
    refused = await patch(office, input_draft_id=draft, expected_version=1, name="Late", status=409)
    assert (refused["code"], refused["current_version"]) == ("draft-moved-on", 2)
    assert refused["form_state"]["name_id"]


async def test_lists_are_emptied(office):
    draft = (await patch(office, name="Ann", email="a@example.org", request_limit=5))["draft_id"]
    state = (await patch(office, input_draft_id=draft, email_ids=[], request_limit_ids=[], name=""))["form_state"]
    assert (state["name_id"], state["email_ids"], state["request_limit_ids"]) == (None, [], [])


async def test_bad_drafts(office):
    theirs = await office.department("Theirs", organization=office.elsewhere)
    problems = await patch(
        office, name_id=str(uuid4()), department_ids=[str(theirs)], role_ids=[str(uuid4())], status=400
    )
    assert [one["pointer"] for one in problems["errors"]] == ["/department_ids", "/name_id", "/role_ids"]
    for body in ({"expected_version": -1}, {"email": "x"}, {"request_limit": 0}, {"other": 1}):
        await patch(office, status=400, **body)
    draft = (await patch(office, name="Ann"))["draft_id"]
    await patch(office, office.as_(), input_draft_id=draft, name="Another's", status=404)


async def test_drafts_are_discarded(office):
    draft = (await patch(office, name="Ann"))["draft_id"]
    body = {"draft_ids": [draft, str(uuid4())]}
    results = (await office.post("profiles/drafts/delete", body, office.editor))["results"]
    assert [result["success"] for result in results] == [True, False]
    assert (await office.post("profiles/drafts", {}, office.editor))["entries"] == []


async def test_a_file_of_profiles(office):
    await office.department("Surgery", office.boss)
    await office.post("profiles/create", {"profiles": [{"name": "=cmd()", "email": "x@example.org"}]})
    made = await office.post("profiles/export", {}, office.editor)
    assert made["row_count"] == 2
    answer = await office.editor.get(f"/api/v5/uploads/{made['upload_id']}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["name"] for row in rows] == ["'=cmd()", "Boss Doe"]
    assert (rows[1]["departments"], rows[1]["has_login"], rows[0]["has_login"]) == ("Surgery", "yes", "no")
    one = await office.post("profiles/export", {"profile_export_id": str(office.boss.id)}, office.editor)
    assert one["row_count"] == 1
    missing = await office.editor.post("/api/v5/artifacts/profiles/export", json={"profile_export_id": str(uuid4())})
    assert missing.status_code == 404
    for scopes, status in ((("cohort:read",), 403), (("cohort:read", "person:read"), 200)):
        key = office.client.with_token(key_token(organization_id=office.organization, scopes=scopes))
        assert (await key.get(f"/api/v5/uploads/{made['upload_id']}")).status_code == status


async def test_docs_come_from_the_running_code(office):
    ann = await office.person("Ann")
    docs = await office.post("profiles/docs", {}, office.editor)
    assert {"emulateProfile", "createProfiles"} <= {one["name"] for one in docs["api_operations"]}
    assert "requests_per_day" in {column["name"] for column in docs["artifact"]["tables"][0]["columns"]}
    told = await office.post("profiles/docs", {"entity_id": str(ann.id)}, office.as_("org.member"))
    assert {one["returns"]["allowed"] for one in told["permissions"]} == {False}
    own = await office.post("profiles/docs", {"entity_id": str(office.boss.id)}, office.editor)
    allowed = {one["name"]: one["returns"]["allowed"] for one in own["permissions"]}
    assert (allowed["can_edit"], allowed["can_delete"]) == (True, False)


async def test_refreshing_puts_departments_right(office):
    surgery = await office.department("Surgery", office.boss)
    await office.session.execute(text("UPDATE profiles SET department_ids = '{}'"))
    await office.post("profiles/docs", {}, office.editor)
    answer = await office.post("profiles/refresh", {}, office.editor)
    assert answer["success"]
    assert answer["refreshed_views"] == ["profile_departments"]
    assert "docs" in answer["invalidated_tags"]
    assert (await office.profile(office.boss.user_id)).department_ids == [surgery]
