"""Letting persons into a static cohort by hand, and out of it."""

from typing import Any
from uuid import UUID

from kernel import Invalid, NotFound
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.cohorts.commands as core
from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects.commands.sources import held, known

MOST = 1000
ONLY_ADD = "Can only add users to static cohorts"
ONLY_REMOVE = "Can only remove users from static cohorts"
NO_LIST = "person_ids must be a list"
NOBODY = "person_ids cannot be empty"
TOO_MANY = "List size exceeds limit"
NONE_KNOWN = "No valid users to add to cohort"
REQUIRED = "person_id is required"
NO_TEXT = "person_id must be a string"
NO_UUID = "person_id must be a valid UUID"
UNKNOWN = "Person with this UUID does not exist in the cohort's team"
NOT_IN_IT = "Person is not part of the cohort"


async def add_persons(session: AsyncSession, actor: Actor, number: int, given: Any) -> None:
    """Let persons in; those whom the organization does not have are passed over. Raises Invalid, NotFound."""
    cohort = await _static(session, actor, number, ONLY_ADD)
    if not isinstance(given, list):
        raise Invalid(NO_LIST, pointer="person_ids")
    items: list[Any] = given  # pyright: ignore[reportUnknownVariableType]
    if not items:
        raise Invalid(NOBODY, pointer="person_ids")
    if len(items) > MOST:
        raise Invalid(TOO_MANY, pointer="person_ids")
    found = await known(session, actor.organization_id, [one for item in items if (one := _uuid(item))])
    if not found:
        raise Invalid(NONE_KNOWN, pointer="person_ids")
    await core.add_people(session, actor, cohort, found)


async def remove_person(session: AsyncSession, actor: Actor, number: int, given: Any) -> None:
    """Let a person leave. Raises Invalid, NotFound."""
    cohort = await _static(session, actor, number, ONLY_REMOVE)
    if not given:
        raise Invalid(REQUIRED, pointer="person_id")
    if not isinstance(given, str):
        raise Invalid(NO_TEXT, pointer="person_id")
    person_id = _uuid(given)
    if person_id is None:
        raise Invalid(NO_UUID, pointer="person_id")
    if not await known(session, actor.organization_id, [person_id]):
        raise NotFound(UNKNOWN)
    if not await core.remove_person(session, actor, cohort, person_id):
        raise NotFound(NOT_IN_IT)


async def _static(session: AsyncSession, actor: Actor, number: int, otherwise: str) -> Cohort:
    rules.demand(actor, "edit")
    cohort = await held(session, actor.organization_id, number)
    if cohort.deleted_at is not None:
        raise NotFound
    if not cohort.is_static:
        raise Invalid(otherwise)
    return cohort


def _uuid(given: Any) -> UUID | None:
    try:
        return UUID(str(given))
    except ValueError:
        return None
