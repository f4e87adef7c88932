"""A person's authenticator in software, and a browser that speaks JSON with it."""

import base64
import json
import struct
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.utils import sha256
from identity_world import World, new
from soft_webauthn import SoftWebauthnDevice
from testkit.client import Client
from testkit.principals import ISSUER

PATH = "/v1/passkeys/"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
FLAGS_AT = 32


class Device(SoftWebauthnDevice):
    """soft-webauthn's device, which also verifies its user. `origin` is the page that it believes to be on."""

    def __init__(self, origin: str = ISSUER, *, verifies: bool = True) -> None:
        super().__init__()
        self.origin, self.verifies = origin, verifies

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.create`, as JSON."""
        asked = options | {
            "challenge": unpacked(options["challenge"]),
            "user": options["user"] | {"id": unpacked(options["user"]["id"])},
        }
        asked["pubKeyCredParams"] = [
            {"alg": one["alg"], "type": one["type"]} for one in options["pubKeyCredParams"] if one["alg"] == -7
        ]
        made = self.create({"publicKey": asked}, self.origin)
        raw = made["response"]["attestationObject"]
        at = raw.index(sha256(self.rp_id.encode())) + FLAGS_AT
        made["response"]["attestationObject"] = raw[:at] + bytes([raw[at] | self._verified()]) + raw[at + 1 :]
        return packed(made)

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """Answer `navigator.credentials.get`, as JSON."""
        asked = options | {"challenge": unpacked(options["challenge"])}
        signed = self.get({"publicKey": asked}, self.origin)["response"]
        counted = struct.pack(">I", self.sign_count)
        data = sha256(self.rp_id.encode()) + bytes([PRESENT | self._verified()]) + counted
        signature = self.private_key.sign(data + sha256(signed["clientDataJSON"]), ec.ECDSA(hashes.SHA256()))
        response = signed | {"authenticatorData": data, "signature": signature}
        return packed(
            {"id": self.credential_id, "rawId": self.credential_id, "type": "public-key", "response": response}
        )

    def _verified(self) -> int:
        return VERIFIED if self.verifies else 0


def unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def packed(value: Any) -> Any:
    if isinstance(value, dict):
        made = {name: packed(part) for name, part in value.items()}
        return made | ({"id": made["rawId"]} if "rawId" in made else {})
    return base64.urlsafe_b64encode(value).decode().rstrip("=") if isinstance(value, bytes) else value


async def registration(me: Client) -> dict[str, Any]:
    """What a person's browser is asked for to make a passkey."""
    answer = await me.post(f"{PATH}registration-options/")
    assert answer.status_code == 201, answer.text
    return answer.json()["options"]


async def keep(me: Client, credential: dict[str, Any], name: str = "my phone") -> httpx.Response:
    return await me.post(PATH, json=new("passkeys", {"name": name, "credential": credential}))


async def with_passkey(me: Client, device: Device) -> str:
    """The id of a passkey that a person has registered."""
    answer = await keep(me, device.make(await registration(me)))
    assert answer.status_code == 201, answer.text
    return answer.json()["data"]["id"]


async def challenge(world: World) -> dict[str, Any]:
    """What a browser is asked for to sign in."""
    answer = await world.post(f"{PATH}sign-in-options/")
    assert answer.status_code == 201, answer.text
    return answer.json()["options"]


async def sign_in(world: World, credential: dict[str, Any], **fields: Any) -> httpx.Response:
    return await world.post(f"{PATH}sign-in/", {"credential": credential} | fields)


def client_data(credential: dict[str, Any]) -> dict[str, Any]:
    return json.loads(unpacked(credential["response"]["clientDataJSON"]))
