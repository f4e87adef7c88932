"""How long a warm start takes, and what the idle platform holds in memory."""

import asyncio

from bench.figures import Figure
from bench.platform import platform, seconds

SETTLE_SECONDS = 20


async def measure() -> list[Figure]:
    """Start, stop and start again; then look at the memory once everything has settled."""
    with platform() as made:
        made.muster("down")
        warm = seconds(lambda: made.muster("up"))
        await asyncio.sleep(SETTLE_SECONDS)
        resident = made.state["resident"] / 1024**2
    return [
        Figure("warm start until healthy", warm, "s", "at most", 15),
        Figure("idle platform, resident", resident, "MiB", "at most", 1024),
    ]
