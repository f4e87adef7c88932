"""What becomes of the items of a bulk write."""

from uuid import UUID

import msgspec

from artifacts.cohorts.resolving import Problem


class Outcome(msgspec.Struct, frozen=True):
    """What became of one item: a cohort, or the reasons why not."""

    cohort_id: UUID | None
    problems: list[Problem]
