"""Taking events of applications in."""

import asyncio
from collections.abc import Mapping
from typing import cast

from chassis.runtime import Runtime
from kernel import Invalid, now

from artifacts.capture import bodies, items
from artifacts.capture.projects import Projects
from artifacts.capture.rates import Rates
from artifacts.capture.schemas import Capturing, Refused
from artifacts.capture.writing import Writer
from artifacts.events.captured import Captured

MOST_SHOWN = 100
AT_A_TIME = 500
TAKEN = 1
KEY = "capture"


async def capture(runtime: Runtime, body: bytes, encoding: str, query: Mapping[str, str]) -> Capturing:
    """Take the events of a request; one that cannot be taken is told of and spoils no other.

    `encoding` is the header Content-Encoding. Raises Invalid (400, 413), Unauthorized, Forbidden, TooManyRequests,
    Unavailable.
    """
    received = now()
    document, fields = bodies.read(body, encoding, query.get("compression", ""))
    sent = items.unpack(document, {**query, **fields})
    kept = _kept(runtime)
    organization_id = await kept.projects.find(sent.token)
    kept.rates.take(organization_id, len(sent.items))
    events: list[Captured] = []
    refused: list[Refused] = []
    for index, item in enumerate(sent.items):
        if index % AT_A_TIME == AT_A_TIME - 1:
            await asyncio.sleep(0)  # others want to be answered, too
        try:
            events.append(items.captured(item, sent, received))
        except items.Unusable as error:
            refused.append(Refused(index, str(error)))
    if events:
        await kept.writer.write(organization_id, events)
    elif refused:
        raise Invalid(refused[0].detail)
    return Capturing(TAKEN, refused[:MOST_SHOWN], len(refused))


class Capture:
    """What capturing keeps in a process."""

    def __init__(self, runtime: Runtime) -> None:
        """Nothing is kept yet."""
        self.projects = Projects(runtime)
        self.rates = Rates(runtime.settings.capture_rate)
        self.writer = Writer(runtime)


def _kept(runtime: Runtime) -> Capture:
    if KEY not in runtime.extras:
        runtime.extras[KEY] = Capture(runtime)
    return cast("Capture", runtime.extras[KEY])
