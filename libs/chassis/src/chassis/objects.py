"""The object store of a service: a folder by default, any S3 API by configuration.

Objects are bytes under a key of letters, digits, `.`, `_`, `-` and `/`. Keys are made of ids, never of a person's data.
Whoever may write or read one without a credential of the platform gets a signed link that expires: of S3 a presigned
one, of a folder one to this service's own `/v1/objects/…` (chassis.object_routes). What a link allows is in its
signature: the method, the key, the time and, of a folder, the largest size and the content type. S3's presigned links
bind neither size nor type, so what was uploaded is looked at before it is used, whatever the store.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import obstore
from kernel import DomainError, NotFound, Unavailable, now
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from chassis.settings import ServiceSettings

KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
LONGEST_KEY = 512
CHUNK = 5 * 1024 * 1024
"""Bytes of a part of an upload: the least that S3 takes. Two parts are held in memory at a time."""
PIECE = 256 * 1024
FIFTEEN_MINUTES = timedelta(minutes=15)


class Link(msgspec.Struct, frozen=True):
    """What somebody may do without a credential: `method` to `url`, with `headers`, until `expires_at`."""

    method: str
    url: str
    headers: dict[str, str]
    expires_at: datetime


class Terms(msgspec.Struct, frozen=True):
    """What a signed link to a folder's object allows. `most` is in bytes, `expires` in seconds of Unix time."""

    method: str
    key: str
    expires: int
    content_type: str
    most: int = 0
    filename: str = ""


class Objects:
    """One service's objects. Every method raises NotFound for a key that is not there, and Unavailable."""

    def __init__(self, settings: ServiceSettings, service: str) -> None:
        """Nothing is opened or made before the first use."""
        self.service = service
        self._settings = settings
        self._store: Any = None
        self._signer: Any = None
        self._secret = _signing_key(settings.service_secret)

    @property
    def is_folder(self) -> bool:
        """Whether this service itself serves the links."""
        return not self._settings.objects_url.startswith("s3:")

    async def put(
        self, key: str, content: bytes | Path | AsyncIterator[bytes], *, content_type: str, filename: str | None = None
    ) -> None:
        """Write an object whole, or not at all. An iterator is written as it comes, a few MB at a time.

        What the iterator raises is raised, and nothing is kept.
        """
        attributes: Any = None
        if not self.is_folder:
            attributes = {"Content-Type": content_type, "Content-Disposition": disposition(filename)}
        with _told():
            await obstore.put_async(
                self._opened(), checked(key), content, attributes=attributes, chunk_size=CHUNK, max_concurrency=2
            )

    async def get(self, key: str, *, most: int) -> bytes:
        """An object's bytes. Raises DomainError `too-large` for more than `most`, without reading them."""
        with _told():
            found = await obstore.get_async(self._opened(), checked(key))
            if found.meta["size"] > most:
                raise too_large(most)
            return bytes(await found.bytes_async())

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        """An object's bytes in pieces. A key that is not there is found out before the first."""
        with _told():
            found = await obstore.get_async(self._opened(), checked(key))
        return _pieces(found)

    async def size(self, key: str) -> int:
        """An object's size in bytes."""
        with _told():
            return int((await obstore.head_async(self._opened(), checked(key)))["size"])

    async def delete(self, *keys: str) -> None:
        """Remove objects; those that are not there already are no matter."""
        for key in keys:
            try:
                with _told():
                    await obstore.delete_async(self._opened(), checked(key))
            except NotFound:
                continue

    async def upload_link(self, key: str, *, content_type: str, most: int, lives: timedelta = FIFTEEN_MINUTES) -> Link:
        """A link by which an object of at most `most` bytes may be written with PUT, again until it expires."""
        headers = {"Content-Type": content_type}
        return await self._link("PUT", key, lives, headers, content_type=content_type, most=most)

    async def download_link(
        self, key: str, *, content_type: str, filename: str | None = None, lives: timedelta = FIFTEEN_MINUTES
    ) -> Link:
        """A link by which an object may be read. Type and name should be those that it was put with."""
        return await self._link("GET", key, lives, {}, content_type=content_type, filename=filename or "")

    def accepts(self, terms: Terms, signature: str) -> bool:
        """Whether these are the terms that were signed, and they still hold."""
        mine = hmac.compare_digest(self._signature(terms).encode(), signature.encode())
        return mine and terms.expires > now().timestamp()

    async def _link(self, method: str, key: str, lives: timedelta, headers: dict[str, str], **terms: Any) -> Link:
        expires_at = now() + lives
        checked(key)
        if not self.is_folder:
            self._opened()
            signed: Any = method
            return Link(method, await obstore.sign_async(self._signer, signed, key, lives), headers, expires_at)
        whole = Terms(method=method, key=key, expires=int(expires_at.timestamp()), **terms)
        query = {"expires": whole.expires, "type": whole.content_type}
        query |= {"most": whole.most} if whole.most else {}
        query |= {"name": whole.filename} if whole.filename else {}
        query["signature"] = self._signature(whole)
        place = f"{self._settings.public_url}/v1/objects/{self.service}/{quote(key)}"
        return Link(method, f"{place}?{urlencode(query)}", headers, expires_at)

    def _signature(self, terms: Terms) -> str:
        text = msgspec.json.encode([self.service, *msgspec.structs.astuple(terms)])
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()

    def _opened(self) -> Any:
        if self._store is None:
            if self.is_folder:
                folder = Path(self._settings.objects_url.removeprefix("file:")).expanduser().resolve()
                self._store = LocalStore(folder / self.service, mkdir=True)
            else:
                self._store = s3(self._settings, self.service, self._settings.objects_endpoint)
                seen = self._settings.objects_public_endpoint or self._settings.objects_endpoint
                self._signer = s3(self._settings, self.service, seen)
        return self._store


def s3(settings: ServiceSettings, service: str, endpoint: str) -> S3Store:
    """The bucket of `s3://bucket/prefix`; below the prefix each service has a folder of its own.

    Without a key the credentials come from the environment or the machine, as with Amazon's own tools.
    """
    place = urlsplit(settings.objects_url)
    options: dict[str, Any] = {"region": settings.objects_region}
    if settings.objects_key_id:
        options |= {"access_key_id": settings.objects_key_id, "secret_access_key": settings.objects_secret}
    if endpoint:
        options |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        options["client_options"] = {"allow_http": endpoint.startswith("http://"), "timeout": timedelta(seconds=60)}
    return S3Store(place.netloc, prefix="/".join(filter(None, (place.path.strip("/"), service))), **options)


def checked(key: str) -> str:
    """The key. Raises NotFound for what can't be one."""
    if len(key) > LONGEST_KEY or not KEY.fullmatch(key):
        raise NotFound
    return key


def disposition(filename: str | None) -> str:
    """The header that keeps a browser from showing an object in the platform's name (RFC 6266, RFC 8187)."""
    return f"attachment; filename*=UTF-8''{quote(filename, safe='')}" if filename else "attachment"


def too_large(most: int) -> DomainError:
    """The refusal of what has more than `most` bytes."""
    return DomainError(f"At most {most} bytes are taken.", status=413, code="too-large")


def _signing_key(secret: str) -> bytes:
    """Every process of a service has the same key; one without a secret signs for itself only."""
    return hmac.digest(secret.encode(), b"signed links to objects", "sha256") if secret else secrets.token_bytes(32)


async def _pieces(found: Any) -> AsyncIterator[bytes]:
    async for piece in found.stream(min_chunk_size=PIECE):
        yield bytes(piece)


class _told:  # noqa: N801 it reads as a function: `with _told():`
    """Errors of the store as the domain's."""

    def __enter__(self) -> None:
        """Nothing is prepared."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Raises NotFound or Unavailable in place of the store's own errors."""
        if isinstance(error, FileNotFoundError):
            raise NotFound from error
        if isinstance(error, (BaseError, OSError)):
            raise Unavailable("The object store is out of reach; try again.") from error
