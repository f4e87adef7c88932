from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from identity_world import World, email


class Staff:
    """Two organizations with people of every kind."""

    def __init__(self) -> None:
        self.ours, self.theirs = uuid4(), uuid4()
        self.ids: dict[str, UUID] = {}


@pytest_asyncio.fixture
async def staff(world: World) -> Staff:
    made = Staff()
    people: list[tuple[str, UUID, str | None, dict[str, Any]]] = [
        ("admin", made.ours, "org.admin", {"first_name": "Berta", "last_name": "Zimmer"}),
        (
            "member",
            made.ours,
            "org.member",
            {"first_name": "Çelik", "last_name": "Ångström", "phone": "+4366412345678"},
        ),
        (
            "tester",
            made.ours,
            None,
            {"first_name": "Percy", "last_name": "100%_Test", "classification": "customer_test"},
        ),
        ("outsider", made.theirs, "org.admin", {"first_name": "Otto", "last_name": "Fremd"}),
    ]
    for name, organization, role, fields in people:
        made.ids[name] = await world.account(username=f"{name}-{uuid4().hex[:6]}", **fields)
        await world.belongs(made.ids[name], organization, role=role)
    made.ids["disabled"] = await world.staff(made.ours)
    await world.client.as_operator().post(f"/v1/users/{made.ids['disabled']}/disable/", json={})
    _, made.ids["participant"] = await world.confirmed(first_name="Paula", last_name="Patient")
    await world.belongs(made.ids["participant"], made.ours, account_type="patient")
    username, _ = await world.registered(first_name="Ursula")
    made.ids["unverified"] = await world.user_id(username)
    return made


async def names(world: World, staff: Staff, caller: str | None = None, **parameters: Any) -> set[str]:
    client = world.client.as_operator() if caller is None else world.client.as_(user_id=staff.ids[caller])
    asked = {PARAMETERS.get(name, name.replace("_", "-")): value for name, value in parameters.items()}
    answer = await client.get("/v1/users/", params={"page[limit]": 1000} | asked)
    assert answer.status_code == 200, answer.text
    known = {str(user_id): name for name, user_id in staff.ids.items()}
    rows = answer.json()["data"]
    assert answer.json()["meta"]["page[total]"] == len(rows)
    return {known[row["id"]] for row in rows if row["id"] in known}


PARAMETERS = {
    name: f"filter[{name.replace('_', '-')}]"
    for name in (
        "email",
        "username",
        "phone_number",
        "classification",
        "email_verified",
        "enabled",
        "include_inactive",
        "include_participants",
        "include_tester",
        "include_unverified",
        "organization_admin",
        "primary_individual_ids",
        "registration_invite",
        "cmp_last_modified_time",
    )
}
ACTIVE = {"admin", "member", "tester", "outsider"}


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, ACTIVE),
        ({"include_inactive": True}, ACTIVE | {"disabled"}),
        ({"include_participants": True}, ACTIVE | {"participant"}),
        ({"include_participants": True, "include_unverified": True}, ACTIVE | {"participant", "unverified"}),
        ({"include_tester": False}, ACTIVE - {"tester"}),
        ({"enabled": False}, {"disabled"}),
        ({"enabled": True}, ACTIVE),
        ({"email_verified": False, "include_participants": True}, {"unverified"}),
        ({"classification": "customer_test"}, {"tester"}),
        ({"organization_admin": True}, {"admin", "outsider"}),
        ({"text": "zimm"}, {"admin"}),
        ({"text": "berta zimm"}, {"admin"}),
        ({"text": "ÅNGSTRÖM"}, {"member"}),
        ({"text": "0%_t"}, {"tester"}),
        ({"text": "%"}, {"tester"}),
        ({"text": "admin-"}, {"admin"}),
        ({"text": "nobody at all"}, set()),
        ({"phone_number": "+43 664 12345678"}, {"member"}),
        ({"email": "nobody@example.org"}, set()),
        ({"registration_invite": "none"}, ACTIVE),
        ({"registration_invite": "accepted"}, set()),
        ({"primary_individual_ids": str(uuid4())}, set()),
        ({"cmp_last_modified_time": ">2000-01-01T00:00:00Z"}, ACTIVE),
        ({"cmp_last_modified_time": "<2000-01-01T00:00:00Z"}, set()),
    ],
)
async def test_filters(world: World, staff: Staff, parameters: dict[str, Any], expected: set[str]) -> None:
    assert await names(world, staff, **parameters) == expected


async def test_exact_filters_compare_as_names_look(world: World, staff: Staff) -> None:
    row = (await world.rows("SELECT * FROM users WHERE id = :id", id=staff.ids["admin"]))[0]
    assert await names(world, staff, email=row.email.upper()) == {"admin"}
    assert await names(world, staff, username=row.username.upper()) == {"admin"}
    participant = (await world.rows("SELECT * FROM users WHERE id = :id", id=staff.ids["participant"]))[0]
    individual = {"primary_individual_ids": str(participant.primary_individual_id), "include_participants": True}
    assert await names(world, staff, **individual) == {"participant"}


async def test_who_sees_whom(world: World, staff: Staff) -> None:
    everybody = {"include_inactive": True, "include_participants": True, "include_unverified": True}
    ours = {"admin", "member", "tester", "disabled", "participant"}
    assert await names(world, staff, "admin", **everybody) == ours
    assert await names(world, staff, "member", **everybody) == ours
    assert await names(world, staff, "outsider", **everybody) == {"outsider"}
    assert await names(world, staff, "participant", **everybody) == {"participant"}
    assert await names(world, staff, **everybody) == set(staff.ids)


async def test_one_organization(world: World, staff: Staff) -> None:
    assert await names(world, staff, organization_id=str(staff.theirs)) == {"outsider"}
    assert await names(world, staff, shared_with_id=str(staff.theirs)) == {"outsider"}
    asked = {"organization_id": str(staff.ours), "organization_admin": True}
    assert await names(world, staff, "member", **asked) == {"admin"}
    stranger = world.client.as_(user_id=staff.ids["outsider"])
    answer = await stranger.get("/v1/users/", params={"organization-id": str(staff.ours)})
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["source"] == {"parameter": "organization-id"}


@pytest.mark.parametrize(
    "sort", ["id", "-id", "email", "-email", "first-name", "-first-name", "last-name", "-last-name"]
)
async def test_sorting_and_pages_without_repeats(world: World, staff: Staff, sort: str) -> None:
    operator = world.client.as_operator()
    whole = (await operator.get("/v1/users/", params={"sort-by": sort})).json()["data"]
    field = sort.removeprefix("-")
    values = [row["id"] if field == "id" else row["attributes"][field].casefold() for row in whole]
    if field in {"id", "email"}:
        assert values == sorted(values, reverse=sort.startswith("-"))
    pages: list[str] = []
    for offset in range(len(whole)):
        page = await operator.get("/v1/users/", params={"sort-by": sort, "page[limit]": 1, "page[offset]": offset})
        pages += [row["id"] for row in page.json()["data"]]
    assert pages == [row["id"] for row in whole]


@pytest.mark.parametrize(
    ("parameters", "name"),
    [
        ({"filter[classification]": "none"}, "filter[classification]"),
        ({"filter[enabled]": "perhaps"}, "filter[enabled]"),
        ({"filter[organization-admin]": "false"}, "filter[organization-admin]"),
        ({"filter[phone-number]": "12"}, "filter[phone-number]"),
        ({"filter[primary-individual-ids]": "x"}, "filter[primary-individual-ids]"),
        ({"filter[cmp-last-modified-time]": "2026-01-01"}, "filter[cmp-last-modified-time]"),
        ({"filter[cmp-last-modified-time]": ">never"}, "filter[cmp-last-modified-time]"),
        ({"sort-by": "password"}, "sort-by"),
        ({"page[limit]": 0}, "page[limit]"),
        ({"page[limit]": 1001}, "page[limit]"),
        ({"page[offset]": -1}, "page[offset]"),
        ({"organization-id": "x"}, "organization-id"),
        ({"text": "x" * 256}, "text"),
        ({"text": "\x00"}, "text"),
        ({"nothing": 1}, "nothing"),
    ],
)
async def test_what_is_wrong_is_named(world: World, parameters: dict[str, Any], name: str) -> None:
    answer = await world.client.as_operator().get("/v1/users/", params=parameters)
    assert answer.status_code == 400, answer.text
    assert answer.json()["errors"][0]["source"] == {"parameter": name}


async def test_of_those_who_claim_an_address_its_owner_comes_first(world: World) -> None:
    address = email()
    sms = {"contact_phone_mobile": "(415) 555-2671", "source": "sms", "email": address}
    _, claims = await world.confirmed("mallory", **sms)
    owner = await world.account(email=address)
    params = {"filter[email]": address, "filter[include-participants]": True}
    rows = (await world.client.as_service("orgs").get("/v1/users/", params=params)).json()["data"]
    assert [row["id"] for row in rows] == [str(owner), str(claims)]
    assert [row["attributes"]["email-verified"] for row in rows] == [True, False]


@pytest.mark.parametrize(
    ("first", "last", "text"),
    [
        ("Straße", "Ｗｉｄｅ", "STRASSE wide"),  # noqa: RUF001
        ("Zo\u200bë", "O\u2019Hara", "zoe\u0308"),
        ("עָדָה", "לאבלייס", "\u200fלאבלייס"),  # noqa: RUF001
        ("\u202eعبد الله\u202c", "الخوارزمي", "الخوارزمي"),
        ("ﬁona", "Ⅳ", "fiona iv"),
        ("ΟΔΥΣΣΕΥΣ", "Κ", "οδυσσευς"),  # noqa: RUF001
    ],
    ids=["sharp and wide", "zero width", "hebrew", "arabic", "ligatures", "final sigma"],
)
async def test_names_are_found_as_they_look_and_shown_as_typed(world: World, first: str, last: str, text: str) -> None:
    user_id = await world.account(first_name=first, last_name=last)
    rows = (await world.client.as_operator().get("/v1/users/", params={"text": text})).json()["data"]
    assert [row["id"] for row in rows] == [str(user_id)]
    assert (rows[0]["attributes"]["first-name"], rows[0]["attributes"]["last-name"]) == (first, last)


async def test_names_are_sorted_as_they_look(world: World) -> None:
    organization = uuid4()
    for name in ("b", "\u200bA", "Ｃ", "É", "d"):  # noqa: RUF001
        await world.belongs(await world.account(last_name=name), organization)
    params = {"organization-id": str(organization), "sort-by": "last-name"}
    rows = (await world.client.as_operator().get("/v1/users/", params=params)).json()["data"]
    assert [row["attributes"]["last-name"] for row in rows] == ["\u200bA", "b", "Ｃ", "d", "É"]  # noqa: RUF001


async def test_shared_with_a_user(world: World, staff: Staff) -> None:
    everybody = {"include_participants": True, "include_inactive": True}
    shared = await names(world, staff, shared_with_id=str(staff.ids["admin"]), **everybody)
    assert shared == {"member", "tester", "disabled", "participant"}
    assert await names(world, staff, "outsider", shared_with_id=str(staff.ids["admin"]), **everybody) == set()
    shown = await world.client.as_operator().get(f"/v1/users/{staff.ids['participant']}/")
    shares = shown.json()["data"]["attributes"]["shared-with"]
    assert {share["id"] for share in shares} == {str(staff.ours), str(world.orgs.organization_id)}
    assert {share["type"] for share in shares} == {"organization"}


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
async def test_two_bounds(world: World, staff: Staff, sign: str) -> None:
    now = "2100-01-01T00:00:00+00:00"
    found = await names(world, staff, cmp_last_modified_time=[f"{sign}{now}", ">2000-01-01T00:00:00Z"])
    assert found == (ACTIVE if sign in {"<", "<="} else set())
