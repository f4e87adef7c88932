"""Time zones and locales."""

import re
from functools import cache
from zoneinfo import available_timezones

from kernel import Invalid

DEFAULT_LOCALE = "en_US"
DEFAULT_ZONE = "UTC"
LOCALE = re.compile(r"^[a-z]{2,3}(_[A-Z]{2})?$")


@cache
def known_zones() -> frozenset[str]:
    """The names of the IANA time zone database."""
    return frozenset(available_timezones())


def checked_zone(name: str, pointer: str) -> str:
    """A time zone's name. Raises Invalid when there is no such zone."""
    if name not in known_zones():
        raise Invalid("There is no such time zone.", pointer=pointer, code="unknown-time-zone")
    return name


def checked_locale(name: str, pointer: str) -> str:
    """A locale's name such as `en_US`. Raises Invalid for anything else."""
    if not LOCALE.match(name):
        raise Invalid("A locale looks like en_US.", pointer=pointer, code="unknown-locale")
    return name
