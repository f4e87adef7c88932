"""What becomes of an invitation: its messages, another address, another try, its end."""

from uuid import UUID

import pytest
from contracts.identity import MessageRequested, OnboardingRequestChanged
from contracts.notifications import DeliverySettled
from identity_world import PASSWORD, World, codes, email, new, pointers
from invitations import PATH, Clinic, clinic
from kernel import now, uuid7


async def settle(world: World, status: str, channel: str = "email", **fields) -> None:
    """notifications tells of the newest invitation."""
    asked = [event for event in await world.events(MessageRequested) if event.channel == channel]
    told = {"delivery_id": uuid7(), "message_id": asked[-1].message_id, "settled_at": now(), "status": status}
    await world.hear(DeliverySettled(**told, **fields))


async def resend(care: Clinic, made) -> int:
    body = new("onboarding-requests-email", {})
    return (await care.admin.post(f"{PATH}{made['id']}/resend-notifications/", json=body)).status_code


async def test_a_mail_that_was_taken(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    for _ in range(2):
        await settle(world, "sent")
    shown = await care.read(made)
    assert (shown["status"], shown["last-invite"]["email"]["status"]) == ("invited", "sent")
    assert shown["last-invite"]["email"]["respond-time"] is not None
    assert shown["email-dsn"]["attributes"]["state"] == "sent"


async def test_a_mail_that_bounced_fails_the_invitation_until_it_is_sent_again(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    before = await care.code()
    await settle(world, "bounced", reason="smtp-550", bounce_type="Permanent", bounce_subtype="General")
    shown = await care.read(made)
    assert (shown["status"], shown["done"]) == ("failed", False)
    assert shown["last-invite"]["email"]["error"] == "smtp-550"
    assert shown["email-dsn"]["attributes"]["bounce"] == {"type": "Permanent", "subtype": "General"}
    assert await resend(care, made) == 201
    shown = await care.read(made)
    assert (shown["status"], shown["last-invite"]["email"]["status"]) == ("invited", "created")
    assert await care.code() == before
    statuses = [event.status for event in await world.events(OnboardingRequestChanged)]
    assert statuses == ["created", "invited", "failed", "invited"]


async def test_one_way_that_arrives_is_enough(world: World) -> None:
    care = await clinic(world)
    made = await care.invite(phone_number="+14155552671", notifications=["email", "sms"])
    await settle(world, "failed", "sms", reason="bad-number")
    shown = await care.read(made)
    assert (shown["status"], shown["last-invite"]["sms"]["error"]) == ("invited", "bad-number")
    await settle(world, "failed", reason="no-address")
    assert (await care.read(made))["status"] == "failed"


async def test_another_address_gets_another_code_and_the_old_one_is_void(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    old, address = await care.code(), email()
    answer = await care.change(made, email=address)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["attributes"]["patient-email"] == address
    message = await world.message("onboarding")
    assert message["recipient"] == address
    assert codes(await care.sign_up(email(), old)) == ["unknown-referral-code"]
    assert (await care.sign_up(address, message["variables"]["code"])).status_code == 201


async def test_a_login_that_was_made_follows_the_new_address(world: World) -> None:
    care = await clinic(world)
    wrong, right = email(), email()
    await care.invite(patient_email=wrong, auto_sign_up=True, password=PASSWORD)
    body = {"username": wrong, "new-email": right}
    answer = await care.admin.post("/v1/resend-invitation/", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["signup-request-type"] == "onboard"
    message = await world.message("onboarding")
    assert (message["recipient"], message["variables"]["username"]) == (right, right)
    assert (await world.confirm(right, message["variables"]["code"])).status_code == 201
    assert (await world.sign_in(wrong)).status_code == 401
    assert (await world.sign_in(right)).status_code == 201


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"email": "x"}, "/email"),
        ({"phone_number": "1"}, "/phone-number"),
        ({"status": "claimed"}, "/status"),
        ({"organization": "x"}, "/organization"),
    ],
    ids=["email", "phone", "status", "organization"],
)
async def test_what_may_not_change_is_named(world: World, fields, pointer) -> None:
    care = await clinic(world)
    answer = await care.change(await care.invite(), **fields)
    assert (answer.status_code, pointers(answer)) == (400, [f"/data/attributes{pointer}"])


async def test_what_is_over_stays_over(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    for _ in range(2):
        assert (await care.change(made, status="canceled")).json()["data"]["attributes"]["status"] == "canceled"
    assert (await care.change(made, email=email())).status_code == 409
    assert await resend(care, made) == 409
    made = await care.invite()
    await world.rows("UPDATE onboarding_requests SET expires_at = now() - interval '1 second'")
    assert (await care.change(made, email=email())).status_code == 409
    assert await resend(care, made) == 201
    assert (await care.change(made, email=email())).status_code == 200


async def test_acts_are_in_the_audit_trail(world: World) -> None:
    care = await clinic(world)
    made = await care.invite()
    await resend(care, made)
    await care.change(made, email=email())
    await care.change(made, status="canceled")
    rows = await world.rows(
        "SELECT action, actor, organization_id FROM audit_events WHERE target = :id ORDER BY id",
        id=f"onboarding-requests:{made['id']}",
    )
    assert [row.action for row in rows] == [
        "onboarding-requested",
        "onboarding-resent",
        "onboarding-readdressed",
        "onboarding-canceled",
    ]
    assert {(row.actor, row.organization_id) for row in rows} == {(str(care.admin_id), UUID(str(care.id)))}
