"""A project's token, what was sent with it, and what became of it."""

import msgspec
from sqlalchemy import text

PERSON = text("""
SELECT p.id, p.properties, p.is_identified,
       ARRAY(SELECT distinct_id FROM person_distinct_ids d WHERE d.person_id = p.id ORDER BY 1) AS names
  FROM persons p
  JOIN person_distinct_ids d ON d.person_id = p.id
 WHERE d.organization_id = :organization_id AND d.distinct_id = :name
""")
EVENTS = text("""
SELECT id, event, distinct_id, person_id, timestamp, properties FROM events
 WHERE organization_id = :organization_id ORDER BY timestamp, event
""")


class Project:
    """The world's organization as applications see it."""

    def __init__(self, world, token: str) -> None:
        self.world, self.token = world, token

    async def send(self, *events, path: str = "/batch/", **more):
        """The answer to a batch."""
        body = {"api_key": self.token, "batch": list(events), **more}
        return await self.world.client.post(path, content=msgspec.json.encode(body))

    async def sent(self, *events, **more):
        """What a batch answered that must succeed."""
        answer = await self.send(*events, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def person(self, name: str):
        """Whom a distinct id stands for."""
        values = {"organization_id": self.world.organization, "name": name}
        return (await self.world.session.execute(PERSON, values)).one_or_none()

    async def events(self):
        """Every event."""
        return (await self.world.session.execute(EVENTS, {"organization_id": self.world.organization})).all()


async def project_of(world, organization, number: int) -> Project:
    """An organization's project, with its token."""
    answer = await world.as_(organization=organization).get(f"/api/projects/{number}/capture-token/")
    assert answer.status_code == 200, answer.text
    return Project(world, answer.json()["token"])


def event(name: str, who: str, **more):
    """An event as SDKs send it."""
    return {"event": name, "distinct_id": who, **more}
