"""`/v1/deliveries/`: what was given up is seen, and sent again."""

from datetime import timedelta
from uuid import uuid4

from kernel import now

PATH = "/v1/deliveries/"


async def test_what_was_refused_is_sent_again(post, mailbox, live):
    staff = live.as_operator()
    mailbox.at_data = ["554 not today"]
    message = await post.ask()
    await post.work()
    listed = (await staff.get(PATH, params={"filter[status]": "bounced", "filter[channel]": "email"})).json()
    post_row = await post.row(message)
    given_up = next(row for row in listed["data"] if row["id"] == str(post_row["id"]))
    assert given_up["attributes"]["reason"] == "smtp-554"
    assert "ana@example.org" not in str(listed)

    answer = await staff.post(f"{PATH}{post_row['id']}/retry/")
    assert answer.status_code == 201, answer.text
    assert (answer.json()["data"]["attributes"]["status"], answer.json()["data"]["attributes"]["attempts"]) == (
        "pending",
        0,
    )
    again = await staff.post(f"{PATH}{post_row['id']}/retry/")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "not-given-up")
    await post.work()
    assert (await post.row(message))["status"] == "sent"
    assert await post.settled(message) == ["bounced", None, "sent"]
    assert len(mailbox.mails) == 1
    one = (await staff.get(f"{PATH}{post_row['id']}/")).json()["data"]["attributes"]
    assert (one["status"], one["attempts"]) == ("sent", 1)


async def test_an_expired_message_is_not_sent_again(post, live):
    message = await post.ask(expires_at=now() - timedelta(seconds=1))
    await post.work()
    row = await post.row(message)
    answer = await live.as_operator().post(f"{PATH}{row['id']}/retry/")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "expired")


async def test_an_organization_sees_and_retries_its_own(post, mailbox, live, neighbours):
    own, other, user = uuid4(), uuid4(), uuid4()
    neighbours.admins = {f"{user} organization:{own}:write"}
    mailbox.at_data = ["554 no", "554 no"]
    mine, theirs = await post.ask(organization_id=own), await post.ask(organization_id=other)
    await post.work()
    admin = live.as_(user_id=user, organization_id=own, roles=("org.admin",))
    listed = (await admin.get(PATH)).json()
    assert [row["id"] for row in listed["data"]] == [str((await post.row(mine))["id"])]
    assert (await admin.get(PATH, params={"organization-id": str(other)})).status_code == 404
    assert (await admin.post(f"{PATH}{(await post.row(theirs))['id']}/retry/")).status_code == 404
    assert (await admin.post(f"{PATH}{(await post.row(mine))['id']}/retry/")).status_code == 201
    assert (await admin.get(PATH, params={"filter[status]": "lost"})).status_code == 400
