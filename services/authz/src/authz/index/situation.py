"""In what situation a question is asked: the time, and what the caller says of the request. Conditions read it."""

import time
from datetime import UTC, datetime
from typing import Any

import msgspec
from kernel import Invalid

LARGEST = 2048
"""Bytes of JSON that a caller may give as context and properties together; a condition's time follows from it."""

Properties = dict[str, Any]


class Situation(msgspec.Struct, frozen=True):
    """`now` in epoch seconds; what the caller knows of the request and of the three things that are asked about."""

    now: float
    context: Properties = {}
    subject: Properties = {}
    resource: Properties = {}
    action: Properties = {}

    def variables(self, user: str, kind: str, identifier: str, operation: str) -> dict[str, Any]:
        """What a condition may read when a user is held against one thing."""
        return {
            "subject": {"type": "user", "id": user, "properties": self.subject},
            "resource": {"type": kind, "id": identifier, "properties": self.resource},
            "action": {"name": operation, "properties": self.action},
            "context": self.context,
            "now": datetime.fromtimestamp(self.now, UTC),
        }


def present() -> Situation:
    """Now, without a word about the request."""
    return Situation(time.time())


def described(pointer: str, **given: Properties | None) -> Situation:
    """Now, with what the caller gave. Raises Invalid where that is too large."""
    told = {name: value for name, value in given.items() if value}
    if told and len(msgspec.json.encode(told)) > LARGEST:
        raise Invalid(f"Context and properties have at most {LARGEST} bytes.", pointer=pointer, code="too-large")
    return Situation(time.time(), **told)
