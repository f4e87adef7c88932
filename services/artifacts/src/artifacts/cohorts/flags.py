"""The flag of a cohort: whether it is in use. The same two options stand in every organization."""

from uuid import UUID

import msgspec

KEY = "active"
LABEL = "Active"
DESCRIPTION = "Whether the cohort is in use."


class FlagOption(msgspec.Struct, frozen=True):
    """A choice of the flag."""

    id: UUID
    name: str
    value: bool


ACTIVE = FlagOption(UUID("018f0000-0000-7000-8000-0000000000a1"), "Active", value=True)
INACTIVE = FlagOption(UUID("018f0000-0000-7000-8000-0000000000a0"), "Inactive", value=False)
OPTIONS = (ACTIVE, INACTIVE)
BY_ID = {option.id: option for option in OPTIONS}


def option(*, is_active: bool) -> FlagOption:
    """The option that a cohort has."""
    return ACTIVE if is_active else INACTIVE
