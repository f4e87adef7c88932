"""What is asked before an individual is archived."""

from typing import Literal
from uuid import UUID

import msgspec
from kernel import Invalid

YES, NO = "yes", "no"


class Question(msgspec.Struct, frozen=True):
    """One question. A `choice` takes yes or no, and no ends the request."""

    id: UUID
    kind: Literal["text", "choice"]
    text: str


QUESTIONS = (
    Question(
        UUID("0190a7c0-0000-7000-8000-000000000001"),
        "text",
        "Why is the individual to be archived?",
    ),
    Question(
        UUID("0190a7c0-0000-7000-8000-000000000002"),
        "choice",
        "Do those who care for the individual know of it?",
    ),
    Question(
        UUID("0190a7c0-0000-7000-8000-000000000003"),
        "choice",
        "The individual's own login will end and lists will leave the individual out. Archive now?",
    ),
)


def question(wanted: UUID | None, answered: set[UUID]) -> Question:
    """The question that an answer is for: the named one, else the first that is open. Raises Invalid."""
    open_ones = [one for one in QUESTIONS if one.id not in answered]
    if wanted is None or (open_ones and wanted == open_ones[0].id):
        return open_ones[0]
    found = next((one for one in QUESTIONS if one.id == wanted), None)
    if found is None:
        raise Invalid("There is no such question.", pointer="/question-id")
    if found.id not in answered:
        raise Invalid("Answer the questions in their order.", pointer="/question-id", code="out-of-order")
    return found


def checked(asked: Question, value: str) -> str:
    """An answer as it is kept. Raises Invalid for one that does not fit."""
    text = value.strip()
    if not text or "\x00" in text:
        raise Invalid("Say something.", pointer="/value")
    if asked.kind == "choice":
        text = text.lower()
        if text not in (YES, NO):
            raise Invalid("Answer yes or no.", pointer="/value")
    return text
