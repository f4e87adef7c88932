"""What a new password must be, and how strong one is (zxcvbn)."""

import asyncio
import unicodedata
from typing import Any

from kernel import Invalid
from zxcvbn import zxcvbn

SHORTEST = 8
LONGEST = 255
LOOKED_AT = 72
LABELS = ("very weak", "weak", "fair", "good", "strong")


async def check(password: str, minimum: int, pointer: str, *hints: str | None) -> None:
    """Raise Invalid unless a password may be set. `hints` are the person's own names, which make it weak."""
    if not SHORTEST <= len(unicodedata.normalize("NFC", password)) <= LONGEST:
        raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters.", pointer=pointer, code="password-length")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise Invalid("A password is text.", pointer=pointer) from None
    value, suggestions = await strength(password, *hints)
    if value < minimum:
        raise Invalid(
            "The password is too easy to guess.",
            pointer=pointer,
            code="weak-password",
            meta={"strength": value, "suggestions": suggestions},
        )


async def strength(password: str, *hints: str | None) -> tuple[int, list[str]]:
    """From 0 (very weak) to 4 (strong), and what would make it stronger. Looks at the first 72 characters."""
    known = [hint for hint in hints if hint]
    found: Any = await asyncio.to_thread(zxcvbn, password[:LOOKED_AT], known)
    feedback = found["feedback"]
    told = [feedback["warning"], *feedback["suggestions"]]
    return int(found["score"]), [str(text) for text in told if text]
