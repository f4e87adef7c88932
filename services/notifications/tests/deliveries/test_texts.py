"""Short messages by the recording provider."""


async def test_texts_are_recorded_once(post, capfd):
    message = await post.ask(channel="sms")
    await post.work()
    row = await post.row(message)
    assert row["status"] == "sent"
    (recorded,) = await post.rows("SELECT * FROM recorded_texts WHERE delivery_id = :id", id=row["id"])
    assert recorded["phone"] == "+15550100"
    assert "482913" in recorded["text"].splitlines()
    assert "482913" not in "".join(capfd.readouterr())


async def test_a_bad_number_is_given_up(post):
    message = await post.ask(channel="sms", content={"recipient": {"phone": "0800 call me"}})
    await post.work()
    assert (await post.row(message))["reason"] == "bad-number"
