"""Events as they come from a stream."""

import time

import msgspec
from contracts.event import Event, key, stream, subject
from deliveries import versioned
from kernel import now, uuid7
from messaging import Entry
from messaging.envelope import Envelope
from messaging.streams import ensure, events_config


def envelope(event: Event, version: int) -> Envelope:
    kind = type(event)
    return Envelope(
        specversion="1.0",
        id=uuid7(),
        source=f"/{kind.context}",
        type=f"muster.{key(kind)}",
        time=now(),
        datacontenttype="application/json",
        aggregateid=event.aggregate_id,
        aggregateversion=version,
        tenantid=event.tenant_id,
        data=msgspec.Raw(msgspec.json.encode(event)),
    )


def entries(deliveries, first=1):
    """What a tail hands over."""
    return [
        Entry(
            sequence=first + at,
            subject=subject(type(one.event), one.aggregate),
            envelope=envelope(one.event, one.version),
            event=one.event,
            problem=None,
            stored_at=time.time(),
        )
        for at, one in enumerate(deliveries)
    ]


class Publisher:
    """Publishes events of other contexts, as their services would."""

    def __init__(self, nats):
        self._nats, self._sent = nats, []

    async def streams(self, *contexts):
        for context in contexts:
            await ensure(self._nats, events_config(context))

    async def send(self, *events):
        """Each event with the next version of its aggregate. Returns the last sequence of each stream."""
        self._sent += events
        return await self.again(versioned(self._sent)[-len(events) :])

    async def again(self, deliveries):
        """Publish under new ids: the stream holds them as new messages."""
        last = {}
        for one in deliveries:
            kind = type(one.event)
            content = msgspec.json.encode(envelope(one.event, one.version))
            answer = await self._nats.jetstream().publish(
                subject(kind, one.aggregate), content, stream=stream(kind.context)
            )
            last[kind.context] = answer.seq
        return last
