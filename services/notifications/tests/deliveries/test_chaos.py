"""A mail server that refuses, defers, drops and dawdles: nothing is lost, and nothing is doubled unrecognisably."""

import asyncio
import email
import random
from collections import Counter
from datetime import timedelta

import pytest
from notifications.deliveries import commands
from notifications.deliveries.dispatch import dispatch
from sqlalchemy import text

MESSAGES = 120
ANSWERS = {
    "at_rcpt": ["250 OK"] * 8 + ["451 later", "drop", "550 nobody", "421 closing"],
    "at_data": ["250 OK"] * 8 + ["452 full", "drop", "554 no", "250 then drop", "slow"],
}


class Chaos(list):
    """Answers without end."""

    def __init__(self, chance, answers, counted):
        super().__init__()
        self.chance, self.answers, self.counted = chance, answers, counted

    def __bool__(self):
        return True

    def pop(self, _=0):
        answer = self.chance.choice(self.answers)
        self.counted[answer] += 1
        return answer


async def hurried(post):
    """Waits of seconds become none, so that a test is not a day."""
    while True:
        async with post.runtime.sessions.begin() as session:
            await session.execute(
                text("UPDATE deliveries SET next_attempt_at = now() WHERE status = 'pending' AND lease_id IS NULL")
            )
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_is_lost_or_doubled(post, mailbox, monkeypatch, seed):
    monkeypatch.setattr(commands, "LEASE", timedelta(seconds=3))
    counted, chance = Counter(), random.Random(seed)
    people = [{"recipient": {"email": f"person{number}@example.org"}} for number in range(MESSAGES)]
    messages = [await post.ask(content=content) for content in people]
    mailbox.at_rcpt = Chaos(chance, ANSWERS["at_rcpt"], counted)
    mailbox.at_data = Chaos(chance, ANSWERS["at_data"], counted)
    workers = [asyncio.create_task(dispatch(post.runtime)) for _ in range(3)]
    hurrying = asyncio.create_task(hurried(post))
    await asyncio.sleep(0.2)
    workers.pop().cancel()  # one is told to stop in the middle

    async def waiting():
        (row,) = await post.rows("SELECT count(*) AS number FROM deliveries WHERE status = 'pending'")
        return row["number"]

    async with asyncio.timeout(60):
        while await waiting():
            await asyncio.sleep(0.1)
    for task in (*workers, hurrying):
        task.cancel()
    await asyncio.gather(*workers, hurrying, return_exceptions=True)

    rows = {row["message_id"]: row for row in await post.rows("SELECT * FROM deliveries")}
    sent = {one for one in messages if rows[one]["status"] == "sent"}
    bounced = {one for one in messages if rows[one]["status"] == "bounced"}
    assert sent | bounced == set(messages)
    assert sent, counted
    assert bounced, counted
    taken = Counter(
        email.message_from_bytes(mail.content)["Message-ID"].strip("<>").split("@")[0] for mail in mailbox.mails
    )
    assert {one for one in sent if taken[str(one)] == 0} == set(), "said to be sent and nobody has it"
    # a server that took a text and went away before it said so is asked again, under the same Message-ID
    unheard = counted["250 then drop"]
    assert sum(taken[str(one)] for one in bounced) <= unheard
    assert sum(taken.values()) - len(sent) <= unheard
    for one in messages:
        assert await post.settled(one) == [rows[one]["status"]]
