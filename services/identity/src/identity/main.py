"""The identity service."""

from typing import Any

from chassis.app import build
from chassis.runtime import Runtime
from kernel import load
from litestar import Litestar

from identity import consumers
from identity.api_keys.standing import OwnApiKeys
from identity.internal_auth.commands import OwnTokens
from identity.parts import parts_of
from identity.routes_index import ROUTES
from identity.settings import Settings
from identity.signing_keys.commands import ensure_keys, published_keys
from identity.upkeep import follow_keys
from identity.users.operator import ensure_operator
from identity.worker import background


async def sign_own_tokens(runtime: Runtime) -> None:
    """Identity asks nobody for its own tokens, nor what an API key is worth."""
    runtime.api_keys = OwnApiKeys(runtime)
    runtime.internal_tokens = OwnTokens(parts_of(runtime))


def create_app(settings: Settings | None = None, **options: Any) -> Litestar:
    """Identity's web application."""
    start = [ensure_keys, sign_own_tokens, ensure_operator]
    chosen: dict[str, Any] = {
        "fetch_keys": published_keys,
        "on_start": start,
        "background": background,
        "tasks": [follow_keys],
    }
    return build("identity", settings or load(Settings), routes=ROUTES, consumers=consumers.table, **chosen | options)
