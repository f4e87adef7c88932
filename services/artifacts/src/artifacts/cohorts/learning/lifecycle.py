"""The status of a cohort: what was said of it, until the next of its dates passes.

Said: `canceled` and `completed` stay. Not said: planned before the start, active from then on, completed after the end.
A date that lies before the time at which somebody said something else changes nothing.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_

from artifacts.cohorts.learning.schemas import Status
from artifacts.cohorts.models import Cohort

FINAL: tuple[Status, ...] = ("completed", "canceled")


def status_of(cohort: Cohort, at: datetime) -> Status:
    """A cohort's status at a time."""
    stated = cohort.status_at
    if cohort.status not in FINAL or stated is None:
        if _passed(cohort.end_date, stated, at):
            return "completed"
        if _passed(cohort.start_date, stated, at):
            return "active"
        if stated is None and cohort.start_date is not None and cohort.start_date > at:
            return "planned"
    return cohort.status  # pyright: ignore[reportReturnType] the column holds nothing else


def status_at(at: datetime) -> ColumnElement[str]:
    """The same as SQL."""
    unsaid = Cohort.status_at.is_(None)

    def passed(column: Any) -> ColumnElement[bool]:
        return and_(column <= at, or_(unsaid, column > Cohort.status_at))

    return case(
        (and_(Cohort.status.in_(FINAL), ~unsaid), Cohort.status),
        (passed(Cohort.end_date), "completed"),
        (passed(Cohort.start_date), "active"),
        (and_(unsaid, Cohort.start_date > at), "planned"),
        else_=Cohort.status,
    )


def _passed(moment: datetime | None, stated: datetime | None, at: datetime) -> bool:
    return moment is not None and moment <= at and (stated is None or moment > stated)
