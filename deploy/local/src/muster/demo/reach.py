"""How far a leader reaches, before and after a group moves."""

from typing import Any

from muster.demo import data
from muster.demo.client import Answer, until
from muster.demo.story import Story


async def leader_may_read(story: Story) -> tuple[Any, Any]:
    answer = await until(lambda: decided(story, allow=True), "the leader's right")
    return "allowed", answer.headers["x-authz-revision"]


async def move_group(story: Story) -> tuple[Any, Any]:
    path = f"/v1/individual-groups/{story.groups['Diabetes Program']}/move-group/"
    body = {"to-parent-group-id": story.groups["Community Programs"]}
    answer = await story.operator.expect(201, "POST", path, body)
    return answer.status, None


async def leader_may_not_read(story: Story) -> tuple[Any, Any]:
    answer = await until(lambda: decided(story, allow=False), "the end of the leader's right")
    return "denied", answer.headers["x-authz-revision"]


async def decided(story: Story, *, allow: bool) -> Answer | None:
    """Authz's answer, once it is `allow`: may the network's leader read somebody of the diabetes programme?"""
    individual = story.individuals["Diabetes Program"][0]
    leader = next(p for p in data.staff() if p.group == "Harbor Health Network")
    body = {"user-id": story.staff[leader.mailbox], "access-query": [f"individual:{individual}:read"]}
    answer = await story.operator.expect(201, "POST", "/v1/authz-resource-access/", body)
    return answer if answer.body["allow"] is allow else None
