"""Taking up an invitation."""

from uuid import UUID, uuid4

import pytest
from contracts.identity import OnboardingRequestClaimed, UserConfirmed
from identity_world import NEW_PASSWORD, PASSWORD, World, codes, email, pointers
from invitations import clinic
from testkit.races import race


async def test_a_provider_signs_up_with_the_code_and_is_staff(world: World) -> None:
    care = await clinic(world)
    group = str(world.orgs.group(care.id))
    made = await care.invite(onboard_type="provider", provider_roles=["org.admin"], individual_group_id=group)
    code, username = await care.code("onboarding-provider"), email()
    answer = await care.sign_up(username, f" {code[:4].lower()}-{code[4:]} ", first_name=None, last_name=None)
    assert (answer.status_code, answer.json()) == (201, {"account-type": "provider"})
    assert (await care.read(made))["status"] == "registering"
    confirmed = await world.confirm(username, await world.code(), login=True)
    assert confirmed.status_code == 201, confirmed.text
    tokens = confirmed.json()
    assert (tokens["account-type"], tokens["organizations"]) == ("provider", [str(care.id)])
    shown = await care.read(made)
    assert (shown["status"], shown["done"], shown["claimed-by"]) == ("claimed", True, tokens["user-id"])
    assert shown["registering-time"] <= shown["claimed-time"]
    (claimed,) = await world.events(OnboardingRequestClaimed)
    assert claimed == OnboardingRequestClaimed(
        onboarding_request_id=UUID(made["id"]),
        organization_id=care.id,
        user_id=UUID(tokens["user-id"]),
        account_type="provider",
        roles=("org.admin",),
        group_ids=(UUID(group),),
        invited_by=care.admin_id,
    )
    me = await world.bearer(tokens["access-token"]).get(f"/v1/users/{tokens['user-id']}/?with-roles=true")
    shown = me.json()["data"]["attributes"]
    assert (shown["account-type"], [role["name"] for role in shown["roles"]]) == ("provider", ["org.admin"])
    listed = await world.bearer(tokens["access-token"]).get(f"/v1/onboarding-requests/?organization={care.id}")
    assert listed.status_code == 200


async def test_a_patient_becomes_the_invited_individual(world: World) -> None:
    care = await clinic(world)
    individual = world.individual(owner_id=care.id, first_name="Ana", last_name="Ruiz")
    groups = [str(world.orgs.group(care.id)) for _ in range(2)]
    phone = "+14155552671"
    await care.invite(patient=str(individual), patient_email=None, phone_number=phone, individual_group_ids=groups)
    code = (await world.message("onboarding"))["variables"]["code"]
    answer = await care.sign_up("ana-r", code, first_name=None, last_name=None, source="sms")
    assert answer.status_code == 201, answer.text
    assert (await world.message("sign-up-code"))["recipient"] == phone
    assert (await world.confirm("ana-r", await world.code())).json()["account-type"] == "patient"
    (claimed,) = await world.events(OnboardingRequestClaimed)
    assert (claimed.individual_id, [str(one) for one in claimed.group_ids]) == (individual, groups)
    confirmed = [event for event in await world.events(UserConfirmed) if event.user_id == claimed.user_id]
    assert [(event.account_type, event.organization_id) for event in confirmed] == [("patient", None)]
    signed_in = (await world.sign_in("ana-r")).json()
    assert (signed_in["first-name"], signed_in["individual"]["id"]) == ("Ana", str(individual))


async def test_what_a_code_must_be(world: World) -> None:
    care = await clinic(world)
    for typed in ("ABCDEFGHJKLM", "nonsense", "", "ABCDEFGHJKLM\x00"):
        answer = await care.sign_up(email(), typed)
        assert (answer.status_code, pointers(answer)) == (400, ["/referral-code"]), answer.text
    made = await care.invite()
    code = await care.code()
    assert pointers(await world.sign_up(email(), referral_code=code)) == ["/referral-code"]
    assert (await care.change(made, status="canceled")).json()["data"]["attributes"]["done"] is True
    assert codes(await care.sign_up(email(), code)) == ["unknown-referral-code"]
    await care.invite()
    await world.rows("UPDATE onboarding_requests SET expires_at = now() - interval '1 second'")
    assert codes(await care.sign_up(email(), await care.code())) == ["unknown-referral-code"]
    answer = await world.post("/v1/sign-up/", {"username": email(), "password": PASSWORD})
    assert sorted(pointers(answer)) == ["/first-name", "/last-name", "/organization-code"]


async def test_a_canceled_invitation_is_not_claimed_by_whoever_had_signed_up(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    username = email()
    await care.sign_up(username, await care.code())
    code = await world.code()
    await care.change(made, status="canceled")
    refused = await world.confirm(username, code)
    assert (refused.status_code, codes(refused)) == (400, ["invalid-code"])
    assert (await world.sign_in(username)).status_code == 401
    assert await world.events(OnboardingRequestClaimed) == []


async def test_of_many_who_sign_up_with_one_code_one_is_let_in(live_world: World) -> None:
    world = live_world
    care = await clinic(world)
    await care.invite()
    code = await care.code()
    people = []
    for _ in range(6):
        username = email()
        await care.sign_up(username, code)
        people.append((username, await world.code()))
    answers = await race(lambda number: world.confirm(*people[number]), 6)
    assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400, 400, 400]
    inside = await world.rows(
        "SELECT user_id FROM user_organizations WHERE organization_id = :id AND account_type = 'patient'", id=care.id
    )
    assert len(inside) == 1
    numbers = await world.rows(
        "SELECT number FROM audit_events WHERE organization_id = :id ORDER BY number", id=care.id
    )
    assert [row.number for row in numbers] == list(range(1, len(numbers) + 1))


async def test_a_login_made_at_once_is_confirmed_by_the_invitations_code(world: World) -> None:
    care = await clinic(world)
    address = email()
    made = await care.invite(patient_email=address, auto_sign_up=True, password=PASSWORD)
    assert (made["attributes"]["status"], made["attributes"]["auto-sign-up"]) == ("registering", True)
    assert (await world.sign_in(address)).status_code == 401
    message = await world.message("onboarding")
    assert message["variables"]["username"] == address
    code = message["variables"]["code"]
    assert codes(await world.confirm(email(), code)) == ["invalid-code"]
    assert codes(await care.sign_up(email(), code)) == ["unknown-referral-code"]
    confirmed = await world.confirm(address, code, login=True)
    assert confirmed.status_code == 201, confirmed.text
    assert codes(await world.confirm(address, code)) == ["invalid-code"]
    me = await world.bearer(confirmed.json()["access-token"]).get(f"/v1/users/{confirmed.json()['user-id']}/")
    assert me.json()["data"]["attributes"]["email-verified"] is True
    assert (await care.read(made))["status"] == "claimed"


async def test_an_administrator_may_confirm_a_login_at_once(world: World) -> None:
    care = await clinic(world)
    made = await care.invite(
        auto_sign_up=True, auto_confirm=True, password=PASSWORD, username="staff-1", notifications=[]
    )
    assert made["attributes"]["status"] == "claimed"
    tokens = (await world.sign_in("staff-1")).json()
    assert tokens["organizations"] == [str(care.id)]
    me = (await world.bearer(tokens["access-token"]).get(f"/v1/users/{tokens['user-id']}/")).json()["data"][
        "attributes"
    ]
    assert me["email-verified"] is False
    again = await care.ask(auto_sign_up=True, password=PASSWORD, username="Staff-1")
    assert (again.status_code, codes(again)) == (409, ["taken"])


async def test_an_invitation_without_confirmation_lets_in_whoever_signs_up_with_its_code(world: World) -> None:
    care = await clinic(world)
    address = email()
    made = await care.invite(auto_confirm=True, patient_email=address)
    assert (await care.sign_up(address, await care.code())).status_code == 201
    assert (await care.read(made))["status"] == "claimed"
    assert (await world.sign_in(address)).status_code == 201


async def test_who_has_a_login_joins_with_it_and_keeps_their_password(world: World) -> None:
    username, user_id = await world.confirmed()
    care = await clinic(world)
    made = await care.invite(onboard_type="provider")
    code = await care.code("onboarding-provider")
    other = email()
    answer = await care.sign_up(username, code, password=NEW_PASSWORD, email=None)
    assert answer.status_code == 201
    message = await world.message()
    assert (message["type"], message["recipient"]) == ("sign-up-code", username)
    confirmed = (await world.confirm(username, message["variables"]["code"], login=True)).json()
    assert confirmed["login-error"]["status"] == 401
    assert "access-token" not in confirmed
    assert (await care.read(made))["claimed-by"] == str(user_id)
    assert (await world.sign_in(username, NEW_PASSWORD)).status_code == 401
    assert str(care.id) in (await world.sign_in(username)).json()["organizations"]
    assert codes(await care.sign_up(other, code)) == ["unknown-referral-code"]


@pytest.mark.parametrize("way", ["code", "address"])
async def test_one_person_invites_another(world: World, way: str) -> None:
    _, inviter = await world.confirmed()
    me = world.client.as_(user_id=inviter)
    address = email()
    body = {"data": {"type": "registration-invitations", "attributes": {"invited-email": address}}}
    made = (await me.post("/v1/registration-invitations/", json=body)).json()["data"]
    assert made["attributes"]["claimed-time"] is None
    message = await world.message("registration-invitation")
    assert (message["recipient"], message["variables"]["inviter"]) == (address, "Ada Lovelace")
    code = message["variables"]["code"]
    extra = {"organization_code": None, "referral_code": code} if way == "code" else {}
    assert (await world.sign_up(address, **extra)).status_code == 201
    assert (await world.confirm(address, await world.code())).status_code == 201
    read = await me.get(f"/v1/registration-invitations/{made['id']}/")
    assert read.json()["data"]["attributes"]["claimed-time"] is not None
    organizations = (await world.sign_in(address)).json()["organizations"]
    assert organizations == ([] if way == "code" else [str(world.orgs.organization_id)])
    assert codes(await world.sign_up(email(), organization_code=None, referral_code=code)) == ["unknown-referral-code"]
    stranger = world.client.as_(user_id=uuid4())
    assert (await stranger.get(f"/v1/registration-invitations/{made['id']}/")).status_code == 404
    assert [row["id"] for row in (await me.get("/v1/registration-invitations/")).json()["data"]] == [made["id"]]
