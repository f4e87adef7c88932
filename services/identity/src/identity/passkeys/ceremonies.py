"""What authenticators are asked for, and checking what they answer (Web Authentication, sections 7.1 and 7.2).

The relying party is the address under which clients see the platform: its host is the id, its origin the only one.
Every ceremony demands that the authenticator verified its user, so a passkey is two factors by itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from kernel import Unauthorized
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_client_data_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from identity.parts import Parts
from identity.passkeys.challenges import SECONDS

Answered = TypeVar("Answered")

NAME = "Muster"
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)
NO_COUNT = 0


class Refused(Unauthorized):
    """An answer that does not count. That its challenge is used up stays."""

    code = "invalid-passkey"
    keeps_writes = True


class Party(msgspec.Struct, frozen=True):
    """Who asks: the id that keys are bound to, and where answers may come from."""

    id: str
    origin: str


def party(parts: Parts) -> Party:
    """The platform as a relying party."""
    address = urlsplit(parts.settings.public_url)
    return Party(address.hostname or "localhost", f"{address.scheme}://{address.netloc}")


def registration_options(
    parts: Parts, challenge: bytes, user_id: bytes, username: str, display_name: str, known: Sequence[bytes]
) -> dict[str, Any]:
    """For `navigator.credentials.create`: a discoverable key on an authenticator that has none of `known`."""
    options = generate_registration_options(
        rp_id=party(parts).id,
        rp_name=NAME,
        user_id=user_id,
        user_name=username,
        user_display_name=display_name,
        challenge=challenge,
        timeout=SECONDS * 1000,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=credential) for credential in known],
    )
    return options_to_json_dict(options)


def sign_in_options(parts: Parts, challenge: bytes) -> dict[str, Any]:
    """For `navigator.credentials.get`: whichever key the person chooses."""
    options = generate_authentication_options(
        rp_id=party(parts).id,
        challenge=challenge,
        timeout=SECONDS * 1000,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json_dict(options)


def challenge_of(credential: dict[str, Any]) -> bytes:
    """The challenge that an answer says it answers. Raises Refused."""

    def read() -> bytes:
        return parse_client_data_json(base64url_to_bytes(credential["response"]["clientDataJSON"])).challenge

    return _checked(read)


def credential_of(credential: dict[str, Any]) -> tuple[bytes, bytes | None]:
    """The id of the key that answers, and the user whom the authenticator took it from. Raises Refused."""

    def read() -> tuple[bytes, bytes | None]:
        handle = credential["response"].get("userHandle")
        return base64url_to_bytes(credential["rawId"]), base64url_to_bytes(handle) if handle else None

    return _checked(read)


def transports_of(credential: dict[str, Any]) -> list[str]:
    """By which ways the authenticator can be reached, as far as we know them."""
    told = credential["response"].get("transports")
    return sorted({way for way in told if way in TRANSPORTS}) if isinstance(told, list) else []  # pyright: ignore[reportUnknownVariableType]


def registered(parts: Parts, credential: dict[str, Any], challenge: bytes) -> VerifiedRegistration:
    """What a new key is. Raises Refused."""
    asking = party(parts)
    return _checked(
        lambda: verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=asking.id,
            expected_origin=asking.origin,
            require_user_verification=True,
        )
    )


def asserted(parts: Parts, credential: dict[str, Any], challenge: bytes, public_key: bytes) -> VerifiedAuthentication:
    """What a known key has signed. The count of signatures is for the caller to hold against the kept one.

    The library would refuse a low count before it looks at the signature, so that anybody could raise the alarm.
    Raises Refused.
    """
    asking = party(parts)
    return _checked(
        lambda: verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=asking.id,
            expected_origin=asking.origin,
            credential_public_key=public_key,
            credential_current_sign_count=NO_COUNT,
            require_user_verification=True,
        )
    )


def refusal() -> Refused:
    """The one answer to everything that does not count."""
    return Refused("The passkey does not count here.")


def _checked(check: Callable[[], Answered]) -> Answered:
    try:
        return check()
    except Exception as error:
        # CBOR, COSE and ASN.1 of an attacker's choice: whatever the parsers make of it, it is no passkey of ours
        raise refusal() from error
