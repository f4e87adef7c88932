"""Departments that items name, by id or by name."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.departments.models import Group
from artifacts.departments.queries import is_department
from artifacts.matching import among
from artifacts.outcomes import Problem


class Naming(Protocol):
    """Something that names departments; None in both says nothing of them."""

    department_ids: list[UUID] | None
    departments: list[str] | None


async def choose(
    session: AsyncSession, organization_id: UUID, items: Sequence[Naming]
) -> list[tuple[list[UUID] | None, list[Problem]]]:
    """For each item its departments, in its order and once each, and what is wrong with how it named them."""
    ids = {one for item in items for one in item.department_ids or ()}
    names = {one for item in items for one in item.departments or ()}
    known: set[UUID] = set()
    by_name: dict[str, list[UUID]] = defaultdict(list)
    if ids or names:
        named = or_(among(Group.id, ids), among(Group.name, names))
        for identifier, name in await session.execute(
            select(Group.id, Group.name).where(is_department(organization_id), named)
        ):
            known.add(identifier)
            by_name[name].append(identifier)
    return [_chosen(item, known, by_name) for item in items]


def _chosen(item: Naming, known: set[UUID], by_name: dict[str, list[UUID]]) -> tuple[list[UUID] | None, list[Problem]]:
    if item.department_ids is None and item.departments is None:
        return None, []
    chosen: dict[UUID, None] = {}
    problems: list[Problem] = []
    for identifier in item.department_ids or ():
        if identifier in known:
            chosen[identifier] = None
        else:
            problems.append(Problem("department_ids", f"There is none with the id {identifier}."))
    for name in item.departments or ():
        found = by_name.get(name, [])
        if len(found) == 1:
            chosen[found[0]] = None
        elif found:
            problems.append(Problem("departments", f"{len(found)} are named {name!r}; give the id."))
        else:
            problems.append(Problem("departments", f"There is none named {name!r}."))
    return list(chosen), problems
