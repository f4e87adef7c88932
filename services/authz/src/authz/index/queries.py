"""Access queries: `type:id:operation`, read once and decided for many users."""

import re
from typing import NamedTuple

from kernel import Invalid

LONGEST = 256
PARTS = 3
UUID_TEXT = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
UUID_FORM = re.compile(UUID_TEXT)
USUAL_FORM = re.compile(f"(group|individual|organization):({UUID_TEXT}):(read|write|contain)")
OBJECTS = frozenset({"group", "individual", "organization"})


class AccessQuery(NamedTuple):
    """What is asked. `identifier` is empty where the question is "which ones"; that of an object is in lower case."""

    kind: str
    identifier: str
    operation: str


def parse(text: str, pointer: str) -> AccessQuery:
    """Read one query. Raises Invalid naming it, at `pointer`, for anything but three parts and a proper id."""
    if (usual := USUAL_FORM.fullmatch(text)) is not None:
        return AccessQuery._make(usual.groups())
    parts = text.split(":")
    if len(text) > LONGEST or len(parts) != PARTS or not parts[0] or not parts[2]:
        raise _malformed(text, pointer, "is not of the form type:id:operation")
    kind, identifier, operation = parts
    if kind in OBJECTS and identifier:
        identifier = identifier.lower()
        if UUID_FORM.fullmatch(identifier) is None:
            raise _malformed(text, pointer, "holds an id that is not a UUID")
    return AccessQuery(kind, identifier, operation)


def parse_all(texts: list[str], pointer: str) -> list[AccessQuery]:
    """Read several queries; a problem's pointer ends in the query's place."""
    queries: list[AccessQuery] = []
    for place, text in enumerate(texts):
        usual = USUAL_FORM.fullmatch(text)
        queries.append(AccessQuery._make(usual.groups()) if usual else parse(text, f"{pointer}/{place}"))
    return queries


def _malformed(text: str, pointer: str, problem: str) -> Invalid:
    shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    return Invalid(f"The query {shown!r} {problem}.", pointer=pointer, code="malformed-query", meta={"query": shown})
