"""When nobody is disturbed with what they need not have."""

import re
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")

Window = tuple[time, time]


@cache
def window(written: str) -> Window | None:
    """From when to when, as in `21:00-08:00`; None for the empty text. Raises ValueError."""
    if not written:
        return None
    if (found := WINDOW.fullmatch(written)) is None:
        raise ValueError("MUSTER_QUIET_HOURS is not of the form 21:00-08:00")
    begins, ends = time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
    if begins == ends:
        raise ValueError("MUSTER_QUIET_HOURS would never end")
    return begins, ends


@cache
def zone(*names: str | None) -> ZoneInfo:
    """The first of time zones that is known; UTC without any."""
    for name in names:
        try:
            if name:
                return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def over_at(quiet: Window, where: ZoneInfo, moment: datetime) -> datetime | None:
    """When the quiet hours end in which `moment` lies; None where it lies in none. Both ends go by the clock there."""
    begins, ends = quiet
    local = moment.astimezone(where)
    clock = local.time().replace(tzinfo=None)
    over_midnight = begins > ends
    if not (clock >= begins or clock < ends if over_midnight else begins <= clock < ends):
        return None
    day = local.date() + timedelta(days=1 if over_midnight and clock >= begins else 0)
    return datetime.combine(day, ends, tzinfo=where).astimezone(UTC)
