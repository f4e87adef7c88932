"""What a process learns from the others: identity's keys and ended sessions, and its own consumers."""

from typing import Any

from kernel import Unavailable

from chassis.clients import SLOW_DEADLINE, call
from chassis.runtime import Runtime
from chassis.tokens import FetchKeys


def keys_from_identity(runtime: Runtime) -> FetchKeys:
    """Fetches identity's key set over HTTP."""

    async def fetch() -> dict[str, Any]:
        url = f"{runtime.common.identity_url}/.well-known/jwks.json"
        status, keys, _ = await call(runtime, "GET", url, token=None, deadline=SLOW_DEADLINE)
        if status != 200:  # noqa: PLR2004
            raise Unavailable(f"identity answered {status} to the request for its keys.")
        return keys

    return fetch


async def follow_revocations(runtime: Runtime) -> None:
    """Keep up with ended sessions."""


def messaging(runtime: Runtime, consumers: Any) -> Any:
    """The relay and consumers of a service."""
