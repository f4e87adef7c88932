"""Sending somebody's invitation, or the code of their sign-up, again."""

from identity_world import World, email, pointers
from invitations import clinic

PATH = "/v1/resend-invitation/"


async def test_an_invitation_goes_out_again_to_the_same_address(world: World) -> None:
    care = await clinic(world)
    address = email()
    made = await care.invite(patient_email=address)
    before = await care.code()
    answer = await care.admin.post(PATH, json={"email": address})
    assert answer.json() == {"signup-request-id": made["id"], "signup-request-type": "onboard"}
    assert await care.code() == before
    refused = await care.admin.post(PATH, json={"email": address, "notifications": ["sms"]})
    assert (refused.status_code, pointers(refused)) == (400, ["/notifications/0"])


async def test_a_sign_up_gets_another_code_and_keeps_its_address(world: World) -> None:
    username, first = await world.registered()
    admin = world.client.as_(user_id=await world.staff(world.orgs.organization_id, role="org.admin"))
    answer = await admin.post(PATH, json={"username": username})
    assert answer.status_code == 201, answer.text
    assert answer.json()["signup-request-type"] == "org-code"
    second = await world.code()
    assert second != first
    moved = await admin.post(PATH, json={"username": username, "new-email": email()})
    assert (moved.status_code, pointers(moved)) == (400, ["/new-email"])
    assert (await world.confirm(username, second)).status_code == 201
    assert (await admin.post(PATH, json={"username": username})).status_code == 404


async def test_strangers_learn_nothing(world: World) -> None:
    care, other = await clinic(world), await clinic(world)
    address = email()
    await care.invite(patient_email=address)
    theirs = await other.admin.post(PATH, json={"username": address, "new-email": email()})
    nobody = await other.admin.post(PATH, json={"username": email()})
    assert [answer.status_code for answer in (theirs, nobody)] == [404, 404]
    assert theirs.json() == nobody.json()
    assert (await care.admin.post(PATH, json={})).status_code == 400
