"""Who was in a cohort on a date."""

from datetime import timedelta

from kernel import now
from sqlalchemy import text

SHIFT = text("""
UPDATE cohort_members SET since = since - interval '10 days', until = until - interval '5 days'
""")


async def test_who_was_in_a_cohort_on_a_date(project, session) -> None:
    ann, bob = await project.world.person("Ann"), await project.world.person("Bob")
    ids = [str(ann.id), str(bob.id)]
    await project.make(name="Hand", is_static=True, _create_static_person_ids=ids)
    await project.send("PATCH", "1/remove_person_from_static_cohort/", json={"person_id": ids[0]})
    await session.execute(SHIFT)
    assert await project.people(1) == ["Bob Doe"]
    assert sorted(await project.people(1, as_of="-7d")) == ["Ann Doe", "Bob Doe"]
    assert await project.people(1, as_of="-7d", search="ann") == ["Ann Doe"]
    assert await project.people(1, as_of="-4d") == ["Bob Doe"]
    assert await project.people(1, as_of="-11d") == []
    moment = (now() - timedelta(days=6)).isoformat()
    assert len(await project.people(1, as_of=moment)) == 2
    body = await project.send("GET", "1/persons/", params={"as_of": "-7d", "limit": 1})
    assert "as_of=-7d" in body["next"]
    assert "Ann" in await project.send("GET", "1/persons/", params={"as_of": "-7d", "format": "csv"})
    refused = await project.send("GET", "1/persons/", 400, params={"as_of": "then"})
    assert refused["attr"] == "as_of"
