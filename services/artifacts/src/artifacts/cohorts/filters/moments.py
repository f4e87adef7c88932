"""Moments of filters: dates as texts, and windows that move with the clock.

Everything is UTC. A relative date is `7d` or `-7d`, both "ago": hours, days, weeks, months, quarters or years. An
absolute one is `YYYY-MM-DD`, with a time behind it if wanted; without a zone it is UTC.
"""

import calendar
import re
from datetime import UTC, datetime, timedelta

import msgspec

RELATIVE = re.compile(r"-?([0-9]{1,6})([hdwmqy])")
ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?"
)
UNITS = {"h": "hour", "d": "day", "w": "week", "m": "month", "q": "quarter", "y": "year"}
MONTHS = {"month": 1, "quarter": 3, "year": 12}
SPANS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
LATEST = datetime(9999, 12, 31, tzinfo=UTC)


class Ago(msgspec.Struct, frozen=True):
    """A distance from now into the past."""

    amount: int
    unit: str

    def before(self, moment: datetime) -> datetime:
        """`moment` less the distance; it never goes back while `moment` goes on.

        Where the month that is come to is too short, it is the beginning of the next one.
        """
        return _moved(moment, self.amount, self.unit, -1)

    def after(self, moment: datetime) -> datetime:
        """The first moment whose `before` is not earlier than `moment`."""
        return _moved(moment, self.amount, self.unit, 1)


Edge = Ago | datetime
"""Where a window begins or ends."""


def parse_date(text: str) -> Edge | None:
    """A date of a filter; None for what is none."""
    relative = RELATIVE.fullmatch(text.strip())
    if relative is not None:
        return Ago(int(relative[1]), UNITS[relative[2]])
    return parse_moment(text)


def parse_moment(text: str) -> datetime | None:
    """An absolute date; None for what is none."""
    if ISO.fullmatch(text.strip()) is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def resolve(edge: Edge, now: datetime) -> datetime:
    """Where an edge stands at a moment."""
    return edge.before(now) if isinstance(edge, Ago) else edge


def midnight(moment: datetime) -> datetime:
    """The beginning of the moment's day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _moved(moment: datetime, amount: int, unit: str, sign: int) -> datetime:
    """A moment moved by whole units; beyond the calendar it is the calendar's end."""
    try:
        steps = sign * amount
        found = moment + steps * SPANS[unit] if unit in SPANS else _months(moment, steps * MONTHS[unit])
    except (OverflowError, ValueError):
        found = EARLIEST if sign < 0 else LATEST
    return min(max(found, EARLIEST), LATEST)


def _months(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    if moment.day <= calendar.monthrange(year, month + 1)[1]:
        return moment.replace(year=year, month=month + 1)
    year, month = divmod(year * 12 + month + 1, 12)
    return midnight(moment).replace(year=year, month=month + 1, day=1)
