"""How names of accounts are compared: as Unicode sees them, not as they are typed."""

import re
import unicodedata
from typing import Any, cast

import phonenumbers
from kernel import Invalid

EMAIL = re.compile(r"^[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+\.[^\s@<>\"(),;:\\.]+$")
PHONE = re.compile(r"^\+?[0-9 ()./-]{7,30}$")
LONGEST = 255
DEEPEST = 32
INVISIBLE = {"Cf", "Cc"}


def comparable(text: str) -> str:
    """The form in which names, usernames and addresses are compared: NFKC, case folded, without invisible signs.

    A phone number, however it is written, compares as its E.164 form.
    """
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in INVISIBLE)
    folded = unicodedata.normalize("NFKC", seen.casefold()).strip()
    return (_e164(folded) or folded) if PHONE.match(folded) else folded


def checked_name(text: str, pointer: str) -> str:
    """A person's name as it is kept, which is as it was typed. Raises Invalid for control characters or nothing."""
    if not comparable(text) or any(unicodedata.category(sign) == "Cc" for sign in text):
        raise Invalid("A name has characters that can be seen.", pointer=pointer)
    return text


def checked_username(text: str, pointer: str) -> str:
    """A username as it is kept. Raises Invalid when nothing of it can be seen or it is too long."""
    kept = text.strip()
    if not comparable(kept) or len(kept) > LONGEST or any(unicodedata.category(sign) == "Cc" for sign in kept):
        raise Invalid(f"A username has 1 to {LONGEST} characters that can be seen.", pointer=pointer)
    return kept


def checked_email(text: str, pointer: str) -> str:
    """An e-mail address as it is kept. Raises Invalid for what cannot be one."""
    kept = text.strip()
    if len(kept) > LONGEST or not EMAIL.match(comparable(kept)) or any(ord(sign) < ord(" ") for sign in kept):
        raise Invalid("This is no e-mail address.", pointer=pointer, code="invalid-email")
    return kept


def looks_like_email(text: str) -> bool:
    """Whether a username is an e-mail address."""
    return EMAIL.match(comparable(text)) is not None


def checked_phone(text: str, pointer: str | None = None, *, parameter: str | None = None) -> str:
    """A phone number in E.164. Numbers without a country are read as North American. Raises Invalid."""
    number = _e164(text)
    if number is None:
        raise Invalid("This is no phone number.", pointer=pointer, parameter=parameter, code="invalid-phone")
    return number


def _e164(text: str) -> str | None:
    """The number as ITU-T E.164 writes it; None for what is none."""
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    valid = phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else None


def storable(value: Any) -> bool:
    """Whether decoded JSON can be kept: no NUL, which the database takes in no text, and at most 32 levels."""
    level = [value]
    for _ in range(DEEPEST):
        if any(isinstance(part, str) and "\x00" in part for part in level):
            return False
        level = [inner for part in level for inner in _inside(part)]
    return not level


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [part for pair in cast("dict[str, Any]", value).items() for part in pair]
    return cast("list[Any]", value) if isinstance(value, list) else []
