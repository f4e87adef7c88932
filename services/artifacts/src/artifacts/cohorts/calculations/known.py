"""Dynamic cohorts as they were read last: their conditions, what of them moves, and statements about many of them."""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import DomainError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts import members
from artifacts.cohorts.filters import Group
from artifacts.cohorts.filters.judging import judged
from artifacts.cohorts.filters.moving import Movement, date_keys, movement
from artifacts.cohorts.filters.parsing import effective
from artifacts.cohorts.filters.values import Statement, Values

MOST_KNOWN = 20_000
MOST_STATEMENTS = 200
READ = text("SELECT id, filters, groups FROM cohorts WHERE id = ANY(CAST(:cohorts AS uuid[]))")

Key = tuple[UUID, int | None]
"""A cohort and the version of its conditions."""


class Known(msgspec.Struct, frozen=True):
    """A cohort's conditions, and what follows from them. None where they cannot be calculated."""

    id: UUID
    group: Group
    moves: Movement
    date_keys: frozenset[str]


_known: OrderedDict[Key, Known | None] = OrderedDict()
_statements: OrderedDict[tuple[UUID, tuple[Key, ...]], Statement] = OrderedDict()


async def known(session: AsyncSession, keys: Sequence[Key]) -> dict[Key, Known]:
    """Cohorts by key, read where they are not known; those that cannot be calculated are left out.

    Conditions change only together with the version that is asked for, so what is known stays true.
    """
    missing = {cohort_id: (cohort_id, version) for cohort_id, version in keys if (cohort_id, version) not in _known}
    if missing:
        for row in await session.execute(READ, {"cohorts": list(missing)}):
            _known[missing[row.id]] = _read(row)
    found = {key: one for key in keys if (one := _known.get(key)) is not None}
    while len(_known) > MOST_KNOWN:
        _known.popitem(last=False)
    return found


def statement(organization_id: UUID, keys: Sequence[Key], cohorts: Sequence[Known]) -> Statement:
    """The statement that moves persons in and out of some cohorts, written once."""
    shape = (organization_id, tuple(keys))
    found = _statements.get(shape)
    if found is None:
        values = Values()
        sql = judged([(one.id, one.group) for one in cohorts], organization_id, values)
        found = _statements[shape] = members.moving(values.statement(sql), organization_id)
        while len(_statements) > MOST_STATEMENTS:
            _statements.popitem(last=False)
    _statements.move_to_end(shape)
    return found


def _read(row: Any) -> Known | None:
    """A cohort that cannot be calculated says so when it is calculated as a whole."""
    try:
        group = effective(row.filters, row.groups)
        if not group.values:
            return None
        judged([(row.id, group)], row.id, Values())
        return Known(row.id, group, movement(group), frozenset(date_keys(group)))
    except DomainError:
        return None
