"""Inviting people: who may, into which groups, by which way."""

from uuid import uuid4

import msgspec
import pytest
from contracts.identity import MessageRequested, OnboardingRequestChanged
from identity.parts import parts_of
from identity_world import PASSWORD, World, codes, email, pointers
from invitations import PATH, clinic


async def test_an_invitation_goes_out_by_mail(world: World) -> None:
    care = await clinic(world)
    address = email()
    made = await care.invite(patient_email=address)
    attributes = made["attributes"]
    assert (attributes["status"], attributes["done"], attributes["onboard-type"]) == ("invited", False, "patient")
    assert (attributes["patient-email"], attributes["created-by"]) == (address, str(care.admin_id))
    assert attributes["last-invite"]["email"]["status"] == "created"
    assert attributes["last-invite"]["sms"] is None
    assert attributes["email-dsn"]["attributes"]["email"] == address
    message = await world.message("onboarding")
    assert message["recipient"] == address
    assert message["variables"] | {"code": ""} == {
        "code": "",
        "organization": "Care & Co",
        "first_name": "",
        "username": "",
    }
    assert len(message["variables"]["code"]) == 12
    changes = [event.status for event in await world.events(OnboardingRequestChanged)]
    assert changes == ["created", "invited"]
    stored = (await world.rows("SELECT sealed, mark FROM onboarding_requests"))[0]
    assert message["variables"]["code"].encode() not in bytes(stored.sealed) + bytes(stored.mark)


@pytest.mark.parametrize(
    ("fields", "ways", "status"),
    [
        ({"phone_number": "+14155552671", "patient_email": None}, ["sms"], "invited"),
        ({"phone_number": "+14155552671", "notifications": ["sms", "email"]}, ["email", "sms"], "invited"),
        (
            {"phone_number": "+14155552671", "notifications": ["sms"], "email_user_now": True},
            ["email", "sms"],
            "invited",
        ),
        ({"notifications": []}, [], "created"),
        ({"onboard_type": "provider"}, ["email"], "invited"),
    ],
    ids=["phone", "both", "mail-too", "nothing-now", "provider"],
)
async def test_by_which_ways_it_goes(world: World, fields, ways, status) -> None:
    care = await clinic(world)
    made = await care.invite(**fields)
    assert made["attributes"]["status"] == status
    kind = "onboarding-provider" if "onboard_type" in fields else "onboarding"
    sent = [event for event in await world.events(MessageRequested) if event.type == kind]
    assert sorted(event.channel for event in sent) == ways


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"patient_email": None}, "/patient-email"),
        ({"patient_email": "nobody"}, "/patient-email"),
        ({"phone_number": "12"}, "/phone-number"),
        ({"notifications": ["sms"]}, "/notifications/0"),
        ({"notifications": ["fax"]}, "/notifications/0"),
        ({"password": PASSWORD}, "/password"),
        ({"username": "ada"}, "/username"),
        ({"auto_sign_up": True}, "/password"),
        ({"auto_sign_up": True, "password": "short"}, "/password"),
        ({"provider_roles": ["org.admin"]}, "/provider-roles"),
        ({"provider_roles": ["system.admin"]}, "/provider-roles/0"),
        ({"onboard_type": "caretaker"}, "/onboard-type"),
        ({"onboard_type": "provider", "patient": "0b7a3ad7-6b3f-7c0e-8b31-3f7c8a7f0001"}, "/patient"),
        ({"individual_group_ids": ["0b7a3ad7-6b3f-7c0e-8b31-3f7c8a7f0001"] * 21}, "/individual-group-ids"),
        ({"surprise": 1}, "/surprise"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else None,
)
async def test_what_is_wrong_is_named(world: World, fields, pointer) -> None:
    answer = await (await clinic(world)).ask(**fields)
    assert answer.status_code == 400, answer.text
    assert pointers(answer) == [f"/data/attributes{pointer}"]


async def test_groups_have_to_be_the_organizations_and_the_callers_to_change(world: World) -> None:
    care = await clinic(world)
    good = world.orgs.group(care.id)
    foreign, closed = world.orgs.group(uuid4()), world.orgs.group(care.id, writable=False)
    staff_only = world.orgs.group(care.id, kind="provider_only")
    answer = await care.ask(individual_group_ids=[str(one) for one in (good, foreign, closed, staff_only, uuid4())])
    assert [(error["status"], error["source"]["pointer"][-1]) for error in answer.json()["errors"]] == [
        ("404", "1"),
        ("403", "2"),
        ("400", "3"),
        ("404", "4"),
    ]
    several = await care.invite(individual_group_id=str(good), individual_group_ids=[str(good)])
    assert several["attributes"]["individual-group-ids"] == [str(good)]
    await care.invite(onboard_type="provider", individual_group_ids=[str(staff_only)])


async def test_leaders_invite_into_their_groups_and_see_their_own_invitations(world: World) -> None:
    care = await clinic(world)
    leader_id = await world.staff(care.id)
    leader = world.client.as_(user_id=leader_id)
    where = (str(care.id), str(leader_id))
    world.orgs.memberships[where] = {"account-type": "provider", "roles": ["org.member"]}
    group = str(world.orgs.group(care.id))
    assert (await care.ask(leader)).status_code == 403
    for fields in ({"auto_confirm": True}, {"onboard_type": "provider", "provider_roles": ["org.admin"]}):
        assert (await care.ask(leader, individual_group_id=group, **fields)).status_code == 403
    mine = await care.invite(leader, individual_group_id=group)
    other = await care.invite()
    listed = (await leader.get(f"{PATH}?organization={care.id}")).json()["data"]
    assert [row["id"] for row in listed] == [mine["id"]]
    assert (await leader.get(f"{PATH}{other['id']}/")).status_code == 404
    assert len((await care.admin.get(f"{PATH}?organization={care.id}")).json()["data"]) == 2


async def test_an_invited_individual_is_the_organizations_and_without_a_login(world: World) -> None:
    care = await clinic(world)
    individual = world.individual(owner_id=care.id, first_name="Ana", last_name="Ruiz")
    foreign = world.individual(owner_id=uuid4())
    taken = world.individual(owner_id=care.id, user_id=uuid4())
    assert [(await care.ask(patient=str(one))).status_code for one in (foreign, taken, uuid4())] == [404, 409, 404]
    made = await care.invite(patient=str(individual))
    assert made["attributes"]["patient"] == str(individual)
    assert (await world.message("onboarding"))["variables"]["first_name"] == "Ana"
    again = await care.ask(patient=str(individual))
    assert (again.status_code, codes(again)) == (409, ["already-invited"])
    assert (await care.change(made, status="canceled")).status_code == 200
    await care.invite(patient=str(individual))


async def test_the_list_filters(world: World) -> None:
    care = await clinic(world)
    individual = world.individual(owner_id=care.id)
    address = email()
    patient = await care.invite(patient_email=address, patient=str(individual))
    await care.invite()
    provider = await care.invite(onboard_type="provider", patient_email=address)

    async def found(query: str) -> list[str]:
        answer = await care.admin.get(f"{PATH}?organization={care.id}&{query}")
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["data"]]

    assert await found(f"email={address.upper()}") == [patient["id"]]
    assert await found("onboard-type=provider") == [provider["id"]]
    assert await found(f"patient-ids={individual}&patient-ids={uuid4()}") == [patient["id"]]
    page = (await care.admin.get(f"{PATH}?organization={care.id}&page[limit]=1&page[offset]=1")).json()
    assert (len(page["data"]), page["meta"]["page[total]"]) == (1, 2)
    assert "last-invite" not in page["data"][0]["attributes"]
    shown = (await care.admin.get(f"{PATH}?organization={care.id}&with-invite=true")).json()["data"][0]["attributes"]
    assert shown["last-invite"]["email"]["status"] == "created"
    assert (await care.admin.get(PATH)).status_code == 400
    assert (await care.admin.get(f"{PATH}?organization={uuid4()}")).status_code == 404


async def test_addresses_have_budgets(world: World, monkeypatch) -> None:
    parts = parts_of(world.runtime)
    monkeypatch.setattr(parts, "settings", msgspec.structs.replace(parts.settings, throttle_scale=0.4))
    care = await clinic(world)
    address = email()
    answers = [(await care.ask(patient_email=address)).status_code for _ in range(3)]
    assert answers == [201, 201, 429]
