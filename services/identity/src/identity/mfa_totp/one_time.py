"""One-time passwords by time: HMAC-SHA-1, six digits, 30 seconds (RFC 6238, RFC 4226). Recovery codes beside them."""

import hmac
import io
import secrets
import time
from collections.abc import Sequence

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

from identity.vault import Vault

ISSUER = "Muster"
STEP_SECONDS = 30
EITHER_SIDE = 1
DIGITS = 6
SCALE, BORDER = 5, 4
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
RECOVERY_LENGTH, RECOVERY_GROUP = 12, 4


def new_secret() -> str:
    """160 random bits in base32."""
    return random_base32()


def provisioning_uri(secret: str, username: str) -> str:
    """What an authenticator app reads (Google's Key Uri Format)."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def qr_code(text: str) -> tuple[bytes, int, int]:
    """A PNG of `text`, its width and height in pixels."""
    made, drawn = segno.make(text, error="m", micro=False), io.BytesIO()
    made.save(drawn, kind="png", scale=SCALE, border=BORDER)
    width, height = made.symbol_size(SCALE, BORDER)
    return drawn.getvalue(), int(width), int(height)


def matching_step(secret: str, typed: str, at: float | None = None) -> int | None:
    """The 30-second step whose code was typed: the present one, the one before or the one after. None for no code."""
    present, code, found = _present(at), plain(typed), None
    for step in range(present - EITHER_SIDE, present + EITHER_SIDE + 1):
        if _same(secret, step, code):
            found = step
    return found


def consecutive_step(secret: str, typed: Sequence[str], at: float | None = None) -> int | None:
    """The step of the second of two codes that follow each other; None where they do not."""
    present, (first, second), found = _present(at), map(plain, typed), None
    for step in range(present - EITHER_SIDE, present + EITHER_SIDE + 1):
        if _same(secret, step - 1, first) & _same(secret, step, second):
            found = step
    return found


def is_one_time(typed: str) -> bool:
    """Whether this is a code of an authenticator, by its look; anything else is taken for a recovery code."""
    code = plain(typed)
    return len(code) == DIGITS and code.isascii() and code.isdigit()


def new_recovery_codes() -> list[str]:
    """Ten codes of 60 random bits in groups, as they are shown."""
    codes = ["".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    return ["-".join(code[at : at + RECOVERY_GROUP] for at in range(0, len(code), RECOVERY_GROUP)) for code in codes]


def recovery_mark(vault: Vault, owner: bytes, typed: str) -> bytes:
    """By what a recovery code of a configuration is known."""
    return vault.mark("recovery-code", owner, plain(typed).upper().encode("utf-8", "replace"))


def plain(typed: str) -> str:
    """A code without the blanks and hyphens that make it readable."""
    return "".join(typed.split()).replace("-", "")


def _present(at: float | None) -> int:
    return int((time.time() if at is None else at) // STEP_SECONDS)


def _same(secret: str, step: int, code: str) -> bool:
    return hmac.compare_digest(TOTP(secret).generate_otp(step).encode(), code.encode("utf-8", "replace"))
