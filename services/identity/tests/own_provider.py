"""An OpenID Provider and FHIR server of the tests' own, which says whatever a test wants, right or wrong."""

import base64
import functools
import hashlib
import hmac
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

import msgspec
import pytest_asyncio
from aiohttp import web
from joserfc import jwt
from joserfc.jwk import RSAKey

Json = dict[str, Any]


@functools.cache
def pems() -> list[bytes]:
    """Keys for a whole run: making one takes longer than a test."""
    return [RSAKey.generate_key(2048).as_pem(private=True) for _ in range(3)]


def named(pem: bytes, kid: str) -> RSAKey:
    return RSAKey.import_key(pem, parameters={"kid": kid, "use": "sig", "alg": "RS256"})


class OwnProvider:
    """`claims` replace those of the id token (None takes one away), `sign` makes it, `token` replaces the answer."""

    def __init__(self) -> None:
        self.kid = uuid4().hex  # keys are kept by address, and addresses come again
        self.key = named(pems()[0], self.kid)
        self.stranger = named(pems()[1], self.kid)
        self.claims: Json = {}
        self.header: Json = {"alg": "RS256", "kid": self.kid}
        self.signer: Any = self.key
        self.token: Json = {}
        self.token_status = 200
        self.configuration: Json = {}
        self.info: Json | None = None
        self.asked: list[Json] = []
        self.url = ""

    @property
    def fhir(self) -> str:
        return f"{self.url}/fhir"

    def application(self) -> web.Application:
        made = web.Application()
        made.router.add_get("/.well-known/openid-configuration", self._configuration)
        made.router.add_get("/fhir/.well-known/smart-configuration", self._configuration)
        made.router.add_get("/keys", self._keys)
        made.router.add_post("/token", self._token)
        made.router.add_get("/me", self._me)
        return made

    def authorize(self, address: str, subject: str = "ann") -> str:
        """Answer an authorization request at once; the address that the browser is sent back to."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert address.startswith(f"{self.url}/authorize?")
        self.asked.append(query | {"subject": subject})
        return f"{query['redirect_uri']}?{urlencode({'code': f'code-{len(self.asked)}', 'state': query['state']})}"

    async def _configuration(self, _: web.Request) -> web.Response:
        said = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "capabilities": ["launch-ehr", "client-confidential-symmetric", "sso-openid-connect"],
            "code_challenge_methods_supported": ["S256"],
        }
        return web.json_response({name: value for name, value in (said | self.configuration).items() if value})

    async def _keys(self, _: web.Request) -> web.Response:
        public = self.key.as_dict(private=False)
        secret = {"kty": "oct", "kid": "two", "k": "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"}
        return web.json_response({"keys": [public, secret, {"kty": "EC"}, "x"]})

    async def _token(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        asked = self.asked[int(str(form["code"]).removeprefix("code-")) - 1]
        made = _base64(hashlib.sha256(str(form["code_verifier"]).encode()).digest())
        assert made == asked["code_challenge"]
        self.form = form
        if self.token_status != 200:
            return web.json_response({"error": "invalid_grant"}, status=self.token_status)
        answer = {"access_token": "theirs", "token_type": "Bearer", "id_token": self._id_token(asked)}
        said = {name: value for name, value in (answer | self.token).items() if value is not None}
        return web.json_response(said)

    def _id_token(self, asked: Json) -> str:
        now = int(time.time())
        standing = {"iss": self.url, "aud": asked["client_id"], "sub": asked["subject"], "nonce": asked["nonce"]}
        claims = standing | {"iat": now, "exp": now + 300} | self.claims
        kept = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] in {"none", "HS256"}:
            return self._by_hand(kept)
        return jwt.encode(self.header, kept, self.signer, algorithms=[self.header["alg"]])

    async def _me(self, request: web.Request) -> web.Response:
        assert request.headers["authorization"] == "Bearer theirs"
        return web.json_response(self.info or {}, status=200 if self.info else 404)

    def _by_hand(self, claims: Json) -> str:
        """What no library signs: nothing, or with the public key as if it were a shared secret."""
        text = ".".join(_base64(msgspec.json.encode(part)) for part in (self.header, claims))
        public = self.key.as_pem(private=False)
        signature = hmac.new(public, text.encode(), hashlib.sha256).digest() if self.header["alg"] == "HS256" else b""
        return f"{text}.{_base64(signature)}"


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@pytest_asyncio.fixture
async def own_provider() -> AsyncIterator[OwnProvider]:
    made = OwnProvider()
    runner = web.AppRunner(made.application(), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()
