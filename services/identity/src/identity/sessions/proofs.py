"""How somebody showed who they are, and how much that is worth.

`amr` names the methods (RFC 8176). `acr` is `aal1` for one factor and `aal2` for two, or for a passkey that verified
its user (after the assurance levels of NIST SP 800-63B).
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

ONE_FACTOR, TWO_FACTORS = "aal1", "aal2"
LEVELS = (ONE_FACTOR, TWO_FACTORS)


class Proof(msgspec.Struct, frozen=True):
    """What a session rests upon. Without `at` it was shown at the moment when the session begins."""

    acr: str
    amr: Sequence[str]
    at: datetime | None = None

    def reaches(self, acr: str) -> bool:
        """Whether this is worth as much as `acr`; a level that is not ours counts as one factor."""
        return acr in (ONE_FACTOR, self.acr)


PASSWORD = Proof(ONE_FACTOR, ("pwd",))
PASSWORD_AND_CODE = Proof(TWO_FACTORS, ("pwd", "otp", "mfa"))
SENT_CODE = Proof(ONE_FACTOR, ("otp",))
