"""Ways to reach a person that nobody set up."""

from uuid import uuid4

import pytest


@pytest.mark.parametrize("channel", ["web-push", "mobile"])
async def test_a_channel_without_a_provider_says_so(post, channel):
    message = await post.ask(channel=channel, user_id=uuid4())
    await post.work()
    row = await post.row(message)
    assert (row["status"], row["reason"], row["attempts"]) == ("failed", "not-configured", 1)
    assert await post.settled(message) == ["failed"]
