"""How strong a password is."""

from typing import Annotated

import msgspec


class PasswordStrength(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A password to look at. It is neither kept nor logged."""

    password: Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
    check_pwned: bool = False


class Strength(msgspec.Struct):
    """From 0 (very weak) to 4 (strong)."""

    label: str
    value: int


class Pwned(msgspec.Struct):
    """How often the password stands in known leaks; -1 where that cannot be told."""

    message: str
    times: int


class StrengthAnswer(msgspec.Struct):
    """What zxcvbn says, and what would make the password stronger."""

    strength: Strength
    suggestions: list[str]
    pwned: Pwned
