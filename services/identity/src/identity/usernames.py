"""How names of accounts are compared: as Unicode sees them, not as they are typed."""

import re
import unicodedata

import phonenumbers
from kernel import Invalid

EMAIL = re.compile(r"^[^\s@<>\"(),;:\\]+@[^\s@<>\"(),;:\\]+\.[^\s@<>\"(),;:\\.]+$")
LONGEST = 255
INVISIBLE = {"Cf", "Cc"}


def comparable(text: str) -> str:
    """The form in which usernames and e-mail addresses are compared: NFKC, case folded, without invisible signs."""
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) not in INVISIBLE)
    return unicodedata.normalize("NFKC", seen.casefold()).strip()


def checked_username(text: str, pointer: str) -> str:
    """A username as it is kept. Raises Invalid when nothing of it can be seen or it is too long."""
    kept = text.strip()
    if not comparable(kept) or len(kept) > LONGEST:
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
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_valid_number(number):
        raise Invalid("This is no phone number.", pointer=pointer, parameter=parameter, code="invalid-phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
