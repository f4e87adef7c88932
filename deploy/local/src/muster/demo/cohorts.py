"""Profiles appear, and a cohort of them shows in three dialects."""

from typing import Any

from muster.demo.client import Answer, StepFailed, until
from muster.demo.story import Story


async def act_in_organization(story: Story) -> tuple[Any, Any]:
    """The operator's token for the organization, once identity knows that they belong to it."""

    async def switched() -> Answer | None:
        path = f"/v1/users/{story.operator.tokens['user-id']}/switch-organization/"
        body = {"organization-id": story.organization_id, "set-default": False}
        answer = await story.operator.call("POST", path, body)
        return answer if answer.status == 201 else None  # noqa: PLR2004

    answer = await until(switched, "the operator's membership")
    story.operator.tokens = {**story.operator.tokens, **answer.body}
    return answer.status, None


async def profiles_appear(story: Story) -> tuple[Any, Any]:
    wanted = len(story.staff) + 1

    async def found() -> list[str] | None:
        answer = await story.operator.call("POST", "/api/v5/artifacts/profiles/search", {"page_size": 100})
        if answer.status != 200 or (answer.body["total_count"] or 0) < wanted:  # noqa: PLR2004
            return None
        return [profile["profile_id"] for profile in answer.body["profiles"]]

    profiles = await until(found, f"{wanted} profiles")
    return f"{len(profiles)} profiles", profiles


async def create_cohort(story: Story, profiles: list[str]) -> tuple[Any, Any]:
    story.cohort = f"Spring check-in {story.run}"
    item = {"name": story.cohort, "description": "Everybody of the network", "profile_ids": profiles}
    body = {"cohorts": [item]}
    answer = await story.operator.expect(200, "POST", "/api/v5/artifacts/cohorts/create", body)
    result = answer.body["results"][0]
    if not result["success"]:
        raise StepFailed(f"the cohort was refused: {result}")
    return answer.status, None


async def cohort_in_projects(story: Story) -> tuple[Any, Any]:
    answer = await story.operator.expect(200, "GET", "/api/projects/@current/cohorts/")
    row = next((row for row in answer.body["results"] if row["name"] == story.cohort), None)
    if row is None:
        raise StepFailed("the projects dialect does not show the cohort")
    return f"id {row['id']}", None


async def cohort_in_learning(story: Story) -> tuple[Any, Any]:
    answer = await story.operator.expect(200, "GET", "/api/v1/learning/cohorts")
    row = next((row for row in answer.body["items"] if row["name"] == story.cohort), None)
    if row is None:
        raise StepFailed("the learning dialect does not show the cohort")
    return f"{row['id'][:10]}…", None
