"""What of filters moves with the clock, and so lets persons in or out without a change."""

import msgspec

from artifacts.cohorts.filters.behaviour import Asked, Followed, Regular, question
from artifacts.cohorts.filters.conditions import DATES, moving
from artifacts.cohorts.filters.moments import Ago, parse_date
from artifacts.cohorts.filters.nodes import Behavioral, Group, PersonLeaf
from artifacts.cohorts.filters.reading import leaves
from artifacts.cohorts.filters.values import NOW


class Movement(msgspec.Struct, frozen=True):
    """Edges that pass over events, by name, and over persons' dates, by property; and whether midnight matters.

    Somebody's place in the cohort can change at the moments alone at which an edge reaches an event or date of theirs.
    """

    events: frozenset[tuple[str, Ago]] = frozenset()
    dates: frozenset[tuple[str, Ago]] = frozenset()
    daily: bool = False

    def __bool__(self) -> bool:
        """Whether anything moves."""
        return bool(self.events or self.dates or self.daily)


def movement(group: Group) -> Movement:
    """What of the filters moves. Raises Unsupported."""
    events: set[tuple[str, Ago]] = set()
    dates: set[tuple[str, Ago]] = set()
    daily = False
    for leaf in leaves(group):
        if isinstance(leaf, Behavioral):
            asked = question(leaf)
            daily = daily or isinstance(asked, Regular)
            events |= _edges(leaf, asked) if not isinstance(asked, Regular) else set()
        elif isinstance(leaf, PersonLeaf) and (edge := moving(leaf.operator, leaf.value)) is not None:
            if leaf.operator == "is_date_exact":
                daily = True
            else:
                dates.add((leaf.key, edge))
    return Movement(frozenset(events), frozenset(dates), daily)


def date_keys(group: Group) -> set[str]:
    """The properties that the filters hold against the clock."""
    found = (leaf for leaf in leaves(group) if isinstance(leaf, PersonLeaf) and leaf.operator in DATES)
    return {leaf.key for leaf in found if moving(leaf.operator, leaf.value) is not None}


def _edges(leaf: Behavioral, asked: Asked | Followed) -> set[tuple[str, Ago]]:
    event = str(leaf.key)
    found = {(event, NOW)}
    if leaf.explicit_datetime is not None:
        texts = (leaf.explicit_datetime, leaf.explicit_datetime_to or "")
        found |= {(event, edge) for text in texts if isinstance(edge := parse_date(text), Ago)}
    elif leaf.time_value is not None and leaf.time_interval is not None:
        found.add((event, Ago(leaf.time_value, leaf.time_interval)))
    if isinstance(asked, Followed):
        found.add((asked.then, NOW))
    elif leaf.seq_time_value is not None and leaf.seq_time_interval is not None:
        found.add((event, Ago(leaf.seq_time_value, leaf.seq_time_interval)))
    return found
