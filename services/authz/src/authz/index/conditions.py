"""Conditions of grants, in the Common Expression Language (https://cel.dev), by the Rust implementation.

A condition may read `subject`, `resource` (each with `type`, `id` and `properties`), `action` (`name`, `properties`),
`context` (what the caller gave with the question) and `now` (a timestamp). It must be true: anything else, a missing
member and an error among them, is not.

The library cannot stop a program that runs, so its text bounds its time: at most 1,000 characters, no loops, no regular
expressions, four additions (long lists added up again and again take a second), twenty looks at a variable (each may
compare a long list). What the caller gives is bounded in `authz.index.situation`. An ordinary condition takes 25
microseconds, the worst that can be written some two milliseconds.
"""

import re
from functools import lru_cache
from typing import Any

import cel
from kernel import Invalid

LONGEST = 1000
MOST_ADDITIONS = 4
MOST_LOOKS = 20
VARIABLES = frozenset({"subject", "resource", "action", "context", "now"})
OPERATORS = frozenset(
    {"_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_", "_&&_", "_||_", "!_", "-_", "_+_", "_-_", "_*_", "_/_", "_%_"}
    | {"_?_:_", "_[_]", "@in"}
)
FUNCTIONS = frozenset(
    {"size", "contains", "startsWith", "endsWith", "timestamp", "duration", "int", "uint", "double", "string"}
    | {"getFullYear", "getMonth", "getDate", "getDayOfMonth", "getDayOfWeek", "getDayOfYear"}
    | {"getHours", "getMinutes", "getSeconds"}
)
LOOP = re.compile(r"\b(all|exists|exists_one|existsOne|map|filter|transform\w*|reduce|bind)\s*\(")
LOOK = re.compile(rf"\b({'|'.join(sorted(VARIABLES))})\b")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Condition:
    """A condition that was read. Two with the same text are the same object."""

    def __init__(self, text: str, program: cel.Program) -> None:
        """`program` is the text's."""
        self.text = text
        self._execute = program.execute
        self.about_subject = "subject" in program.variables()

    def holds(self, variables: dict[str, Any]) -> bool:
        """Whether it is true of these variables. What it cannot be told of is no."""
        try:
            return self._execute(variables) is True
        except Exception:  # noqa: BLE001 - whatever the program stumbles over, it is not true
            return False


def read(text: str, pointer: str | None = None) -> Condition:
    """A condition from its text. Raises Invalid that says what is wrong with it."""
    if len(text) > LONGEST:
        raise _refused(f"A condition has at most {LONGEST} characters.", pointer)
    if CONTROL.search(text) is not None:
        raise _refused("A condition is one line without control characters.", pointer)
    if LOOP.search(text) is not None:
        raise _refused("A condition may not loop; `in` looks a value up in a list.", pointer)
    if text.count("+") > MOST_ADDITIONS:
        raise _refused(f"A condition adds at most {MOST_ADDITIONS} times.", pointer)
    if len(LOOK.findall(text)) > MOST_LOOKS:
        raise _refused(f"A condition looks at its variables at most {MOST_LOOKS} times.", pointer)
    try:
        return _read(text)
    except (ValueError, RuntimeError) as error:
        raise _refused(f"The condition cannot be read: {str(error)[:300]}", pointer) from None


@lru_cache(maxsize=10_000)
def _read(text: str) -> Condition:
    program = cel.compile(text)
    if unknown := sorted(set(program.variables()) - VARIABLES):
        raise ValueError(f"there is no {unknown[0]}; there are {', '.join(sorted(VARIABLES))}")
    if unknown := sorted(set(program.functions()) - OPERATORS - FUNCTIONS):
        raise ValueError(f"{unknown[0]} may not be used")
    return Condition(text, program)


def _refused(problem: str, pointer: str | None) -> Invalid:
    return Invalid(problem, pointer=pointer, code="invalid-condition")
