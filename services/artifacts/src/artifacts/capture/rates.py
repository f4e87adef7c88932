"""How many events a project may send."""

import time
from collections import OrderedDict
from math import ceil
from uuid import UUID

from kernel import TooManyRequests
from prometheus_client import Counter

BURST_SECONDS = 10
"""So many seconds' events may come at once, and a single request of any size may come first."""
MOST_KEPT = 10_000

over_rate = Counter("muster_artifacts_capture_over_rate", "Capture requests that were refused: a project sent too much")


class Rates:
    """A bucket of events a project, in this process."""

    def __init__(self, events_per_second: int) -> None:
        """Every bucket is full."""
        self._rate = events_per_second
        self._buckets: OrderedDict[UUID, tuple[float, float]] = OrderedDict()

    def take(self, organization_id: UUID, events: int) -> None:
        """Count events. Raises TooManyRequests while the project has sent more than it may."""
        now, full = time.monotonic(), float(self._rate * BURST_SECONDS)
        left, since = self._buckets.get(organization_id, (full, now))
        left = min(full, left + (now - since) * self._rate)
        if left <= 0:
            over_rate.inc()
            raise TooManyRequests(
                f"A project may send {self._rate} events a second.",
                retry_after=max(1, ceil(-left / self._rate)),
                code="capture-rate",
            )
        self._buckets[organization_id] = (left - events, now)
        self._buckets.move_to_end(organization_id)
        while len(self._buckets) > MOST_KEPT:
            self._buckets.popitem(last=False)
