"""Writers who meet."""

import asyncio

from kernel import uuid7
from testkit.races import race

PATH = "/api/projects/@current/cohorts/"


def naming(number):
    return {"properties": {"type": "AND", "values": [{"type": "cohort", "key": "id", "value": number}]}}


BY_NAME = {"properties": {"type": "AND", "values": [{"type": "person", "key": "name", "operator": "is_set"}]}}


async def made(caller, **fields):
    answer = await caller.post(PATH, json=fields)
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


async def test_cohorts_that_name_each_other_are_changed_at_once(live):
    caller = live.as_(organization_id=uuid7(), roles=("org.admin",))
    one = await made(caller, name="A", filters=BY_NAME)
    two = await made(caller, name="B", filters=naming(one))
    changes = [caller.patch(f"{PATH}{(one, two)[turn % 2]}/", json={"name": f"N{turn}"}) for turn in range(12)]
    statuses = {answer.status_code for answer in await asyncio.gather(*changes)}
    assert statuses == {200}
    assert (await caller.get(f"{PATH}{one}/")).json()["pending_version"] == 7
    assert (await caller.get(f"{PATH}{two}/")).json()["pending_version"] == 13


async def test_a_loop_is_not_made_by_two_at_once(live):
    caller = live.as_(organization_id=uuid7(), roles=("org.admin",))
    one, two = await made(caller, name="A", filters=BY_NAME), await made(caller, name="B", filters=BY_NAME)
    pairs = [(one, two), (two, one)]
    answers = await asyncio.gather(*(caller.patch(f"{PATH}{a}/", json={"filters": naming(b)}) for a, b in pairs))
    assert sorted(answer.status_code for answer in answers) == [200, 400]


async def test_numbers_are_given_once(live):
    caller = live.as_(organization_id=uuid7(), roles=("org.admin",))
    numbers = await race(lambda _: made(caller, name="A", is_static=True), 8)
    assert sorted(numbers) == list(range(1, 9))
