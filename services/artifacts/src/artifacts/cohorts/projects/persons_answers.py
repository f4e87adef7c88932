"""A cohort's persons as an answer: a page of JSON, or a file."""

from typing import Any
from urllib.parse import urlencode

from chassis.objects import disposition
from chassis.runtime import Runtime
from litestar import Request, Response
from litestar.response import Stream

from artifacts.actors import Actor
from artifacts.cohorts.projects import persons, persons_csv
from artifacts.cohorts.projects.schemas import PersonQuery, ProjectPersons

PAGE = 100
CSV = "text/csv"
JSON = "application/json"


async def answer(
    runtime: Runtime, request: Request[Any, Any, Any], actor: Actor, number: int, query: PersonQuery, address: str
) -> Any:
    """What the caller asks for. Raises Invalid, NotFound."""
    if _wants_file(request, query):
        return await file(runtime, actor, number, query)
    found = await persons.place(runtime, actor.organization_id, number)
    limit = query.limit or PAGE
    rows = await persons.page(runtime, found, query, limit, query.offset)
    before = query.offset - limit
    body = ProjectPersons(
        results=rows,
        next=_address(address, query, limit, query.offset + limit) if len(rows) == limit else None,
        previous=_address(address, query, limit, before) if before >= 0 else None,
    )
    return Response(body)


async def file(runtime: Runtime, actor: Actor, number: int, query: PersonQuery) -> Any:
    """The file. Raises Invalid, NotFound."""
    found = await persons.place(runtime, actor.organization_id, number)
    headers = {
        "cache-control": "private, no-store",
        "content-disposition": disposition(f"cohort-{number}-persons.csv"),
        "x-content-type-options": "nosniff",
    }
    return Stream(await persons_csv.written(runtime, found, query), media_type=CSV, headers=headers)


def _wants_file(request: Request[Any, Any, Any], query: PersonQuery) -> bool:
    if query.format is not None:
        return query.format == "csv"
    return query.is_csv_export or request.accept.best_match([JSON, CSV], default=JSON) == CSV


def _address(address: str, query: PersonQuery, limit: int, offset: int) -> str:
    given = {"search": query.search, "properties": query.properties, "as_of": query.as_of, "format": query.format}
    chosen = {name: value for name, value in given.items() if value}
    return f"{address}?{urlencode({**chosen, 'limit': limit, 'offset': offset})}"
