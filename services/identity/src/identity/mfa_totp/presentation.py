"""Second factors as answers, which nobody keeps."""

import asyncio
import base64
from typing import Any

from chassis.principal import Principal
from chassis.runtime import Runtime
from jsonapi import collection, document
from litestar import Response
from msgspec import UNSET
from sqlalchemy.ext.asyncio import AsyncSession

from identity.mfa_totp import one_time, queries
from identity.mfa_totp.models import TotpConfiguration
from identity.mfa_totp.schemas import KIND, QrCode, TotpAttributes, TotpQuery, TotpSecret
from identity.parts import parts_of

NO_STORE = {"cache-control": "no-store"}


async def document_of(
    runtime: Runtime,
    row: TotpConfiguration,
    *,
    username: str | None = None,
    recovery_codes: list[str] | None = None,
) -> Response[Any]:
    """One configuration; with its secret if the owner's `username` is given, with recovery codes just made."""
    shown = await _attributes(runtime, row, username, len(recovery_codes or ()))
    shown.recovery_codes = recovery_codes or UNSET
    return Response(document(KIND, row.id, shown), headers=NO_STORE)


async def collection_of(
    session: AsyncSession, runtime: Runtime, principal: Principal, parameters: TotpQuery
) -> Response[Any]:
    """A page of configurations. The owner still sees the secret of one that was never enabled."""
    found = await queries.list_(session, principal, parameters)
    left = await queries.recovery_codes_left(session, [row.id for row in found.rows])
    pending = [row for row in found.rows if row.enabled_at is None and row.user_id == principal.user_id]
    username = await queries.username(session, pending[0].user_id) if pending else None
    shown = {
        row.id: await _attributes(runtime, row, username if row in pending else None, left.get(row.id, 0))
        for row in found.rows
    }
    return Response(collection(KIND, found, lambda row: (row.id, shown[row.id])), headers=NO_STORE)


async def _attributes(runtime: Runtime, row: TotpConfiguration, username: str | None, left: int) -> TotpAttributes:
    return TotpAttributes(
        user_id=row.user_id,
        enabled=row.enabled,
        created_at=row.created_at,
        enabled_at=row.enabled_at,
        last_used=row.last_used_at,
        recovery_codes_left=left,
        secret=None if username is None else await _shown(queries.secret_of(parts_of(runtime).vault, row), username),
    )


async def _shown(secret: str, username: str) -> TotpSecret:
    uri = one_time.provisioning_uri(secret, username)
    png, width, height = await asyncio.to_thread(one_time.qr_code, uri)
    picture = QrCode(contents_base64=base64.b64encode(png).decode(), width=width, height=height)
    return TotpSecret(shared_secret_key=secret, provisioning_uri=uri, provisioning_qrcode=picture)
