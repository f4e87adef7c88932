"""Calls of the projects dialect."""

import json
from typing import Any

import pytest
from artifacts.cohorts.imports.worker import run_next

PATH = "/api/projects/@current/cohorts/"


class Project:
    """The world's organization as a project."""

    def __init__(self, world, app) -> None:
        self.world = world
        self.app = app

    async def send(self, method: str, path: str = "", status: int = 200, caller=None, **options: Any) -> Any:
        """The answer's JSON; `path` is below the project's cohorts."""
        answer = await (caller or self.world.as_()).request(method, f"{PATH}{path}", **options)
        assert answer.status_code == status, answer.text
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    async def make(self, status: int = 201, **fields: Any) -> Any:
        return await self.send("POST", "", status, json=fields)

    async def change(self, number: int, status: int = 200, **fields: Any) -> Any:
        return await self.send("PATCH", f"{number}/", status, json=fields)

    async def read(self, number: int) -> Any:
        return await self.send("GET", f"{number}/")

    async def upload(self, content: str | bytes, path: str = "", status: int = 201, **fields: Any) -> Any:
        """A static cohort from a file."""
        raw = content.encode() if isinstance(content, str) else content
        data = {"name": "Sheet", "is_static": "true", **fields}
        method = "PATCH" if path else "POST"
        return await self.send(method, path, status, data=data, files={"csv": ("people.csv", raw, "text/csv")})

    async def work(self) -> None:
        """Read the files that wait."""
        while await run_next(self.app.state.runtime):
            pass

    async def people(self, number: int, **parameters: Any) -> list[str]:
        """The names of who is in a cohort."""
        body = await self.send("GET", f"{number}/persons/", params=parameters)
        return [row["name"] for row in body["results"]]


@pytest.fixture
def project(world, app) -> Project:
    return Project(world, app)


def leaf(key: str, value: Any = None, operator: str = "exact", **more: Any) -> dict[str, Any]:
    """A condition on a person's property."""
    return {"type": "person", "key": key, "operator": operator, **({} if value is None else {"value": value}), **more}


def filters(*leaves: dict[str, Any], glue: str = "AND") -> dict[str, Any]:
    return {"properties": {"type": glue, "values": list(leaves)}}


def as_json(value: Any) -> str:
    return json.dumps(value)
