"""The audit trail: what it holds, who reads it, how it is taken away, and that nobody changes it."""

import csv
import io
import json
from uuid import UUID, uuid4

import pytest
from identity.audit_events.commands import forget, record
from identity_world import World, email
from sqlalchemy.exc import DBAPIError
from testkit.races import race

PATH = "/v1/audit-events/"


async def noted(world: World, organization: UUID | None = None, action: str = "tried", **fields) -> None:
    async with world.runtime.sessions.begin() as session:
        record(session, None, action, fields.pop("user_id", None), organization_id=organization, **fields)


async def found(client, **query) -> list:
    named = {name.replace("_", "-"): value for name, value in query.items()}
    answer = await client.get(PATH, params={_parameter(name): value for name, value in named.items()})
    assert answer.status_code == 200, answer.text
    return [row["attributes"] for row in answer.json()["data"]]


def _parameter(name: str) -> str:
    return name if name in {"organization-id", "sort-by"} or "[" in name else f"filter[{name}]"


async def test_sign_ins_and_what_was_refused(world: World) -> None:
    username, user_id = await world.confirmed()
    await world.sign_in(username, "wrong-Password-1")
    await world.sign_in(email())
    tokens = (await world.sign_in(username)).json()
    await world.bearer(tokens["access-token"]).post("/v1/logout/", json={})
    operator = world.client.as_operator()
    mine = await found(operator, user_id=str(user_id), sort_by="time")
    assert [(row["action"], row["actor"]) for row in mine if "sign" in row["action"] or "session" in row["action"]] == [
        ("sign-in-failed", "anonymous"),
        ("signed-in", str(user_id)),
        ("session-ended", "platform"),
    ]
    assert mine[-1]["organization-id"] == str(world.orgs.organization_id)
    assert len(await found(operator, action="sign-in-failed")) == 2
    assert username not in str(await found(operator))


async def test_filters_and_order(world: World) -> None:
    organization, user = uuid4(), uuid4()
    for number in range(3):
        await noted(world, organization, f"act-{number}", user_id=user, actor="service:orgs", target=f"things:{number}")
    operator = world.client.as_operator()

    async def actions(**query) -> list[str]:
        return [row["action"][-1] for row in await found(operator, organization_id=str(organization), **query)]

    assert await actions() == ["2", "1", "0"]
    assert await actions(sort_by="time") == ["0", "1", "2"]
    assert await actions(target="things:1") == ["1"]
    assert await actions(action=["act-0", "act-2"]) == ["2", "0"]
    assert await actions(actor="service:orgs", user_id=str(user)) == ["2", "1", "0"]
    assert await actions(actor="service:authz") == []
    assert await actions(user_id=str(uuid4())) == []
    first, second, third = [(await found(operator, target=f"things:{number}"))[0]["time"] for number in range(3)]
    assert await actions(**{"filter[cmp-time]": [f">={second}", f"<{third}"]}) == ["1"]
    assert await actions(**{"filter[cmp-time]": f"<={first}"}) == ["0"]
    page = (await operator.get(f"{PATH}?organization-id={organization}&page[limit]=1&page[offset]=1")).json()
    assert (page["data"][0]["attributes"]["action"], page["meta"]["page[total]"]) == ("act-1", 3)
    read = await operator.get(f"{PATH}{page['data'][0]['id']}/")
    assert read.json()["data"]["attributes"]["target"] == "things:1"
    for bad in ("filter[cmp-time]=yesterday", "sort-by=actor", "filter[user-id]=x", "surprise=1"):
        assert (await operator.get(f"{PATH}?{bad}")).status_code == 400


async def test_administrators_read_what_happened_in_their_organization(world: World) -> None:
    organization, other = uuid4(), uuid4()
    admin = world.client.as_(user_id=await world.staff(organization, role="org.admin"))
    member = world.client.as_(user_id=await world.staff(organization))
    await noted(world, organization, "here")
    await noted(world, other, "there")
    assert "here" in [row["action"] for row in await found(admin, organization_id=str(organization))]
    statuses = [
        (await admin.get(PATH)).status_code,
        (await admin.get(f"{PATH}?organization-id={other}")).status_code,
        (await member.get(f"{PATH}?organization-id={organization}")).status_code,
        (await world.client.as_(roles=("system.support",)).get(PATH)).status_code,
    ]
    assert statuses == [403, 404, 403, 403]
    for row in await world.rows("SELECT id, action FROM audit_events WHERE action IN ('here', 'there')"):
        answer = await admin.get(f"{PATH}{row.id}/")
        assert answer.status_code == (200 if row.action == "here" else 404)


async def test_a_csv_file_that_no_spreadsheet_runs(world: World) -> None:
    organization = uuid4()
    for target in ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", 'a "quoted", thing'):
        await noted(world, organization, "=2+5", target=target, note="ä, \n b")
    operator = world.client.as_operator()
    answer = await operator.get(
        f"{PATH}export", params={"organization-id": str(organization), "filter[action]": "=2+5"}
    )
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["target"] for row in rows] == ["'=cmd|' /C calc'!A0", "'+1", "'-1", "'@SUM(A1)", 'a "quoted", thing']
    assert {row["action"] for row in rows} == {"'=2+5"}
    assert json.loads(rows[0]["details"]) == {"note": "ä, \n b"}
    assert (await found(operator, action="audit-events-exported"))[0]["organization-id"] == str(organization)


async def test_one_object_a_line_in_several_batches(world: World, monkeypatch) -> None:
    monkeypatch.setattr("identity.audit_events.exports.BATCH", 2)
    organization = uuid4()
    for number in range(5):
        await noted(world, organization, f"act-{number}")
    query = {"organization-id": str(organization), "format": "ndjson", "filter[action]": [f"act-{n}" for n in range(5)]}
    answer = await world.client.as_operator().get(f"{PATH}export", params=query)
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["action"] for line in lines] == [f"act-{number}" for number in range(5)]
    assert UUID(lines[0]["id"])
    assert (await world.client.as_operator().get(f"{PATH}export?format=xls")).status_code == 400


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET action = 'nothing'",
        "UPDATE audit_events SET user_id = NULL",
        "UPDATE audit_events SET number = 7 WHERE number IS NOT NULL",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
    ],
)
async def test_nobody_changes_it(live_world: World, statement: str) -> None:
    await noted(live_world, uuid4())
    with pytest.raises(DBAPIError, match="only added to"):
        await live_world.rows(statement)


async def test_numbers_have_no_gap_however_many_write_and_fail(live_world: World) -> None:
    organization, user = uuid4(), uuid4()

    async def write(number: int) -> None:
        try:
            async with live_world.runtime.sessions.begin() as session:
                record(session, None, f"act-{number}", user, organization_id=organization)
                await session.flush()
                if number % 3 == 0:
                    raise LookupError
        except LookupError:
            pass

    await race(write)
    rows = await live_world.rows(
        "SELECT number FROM audit_events WHERE organization_id = :id ORDER BY number", id=organization
    )
    assert [row.number for row in rows] == list(range(1, 11))


async def test_who_is_erased_is_forgotten_and_the_acts_stay(live_world: World) -> None:
    organization, person, other = uuid4(), uuid4(), uuid4()
    await noted(live_world, organization, "one", user_id=person, actor=str(person), target=f"users:{person}")
    await noted(live_world, organization, "two", user_id=other, actor=str(person))
    await noted(live_world, organization, "three", user_id=person, actor=str(other), target="things:1")
    async with live_world.runtime.sessions.begin() as session:
        assert await forget(session, person) == 3
    rows = await live_world.rows(
        "SELECT number, action, actor, user_id, target FROM audit_events WHERE organization_id = :id ORDER BY number",
        id=organization,
    )
    assert [tuple(row) for row in rows] == [
        (1, "one", "erased", None, None),
        (2, "two", "erased", other, None),
        (3, "three", str(other), None, "things:1"),
    ]
    with pytest.raises(DBAPIError, match="only added to"):
        await live_world.rows("UPDATE audit_events SET actor = 'x'")
