"""Traces, failpoints and the AsyncAPI document."""

from collections.abc import Generator
from uuid import uuid4

import pytest
from messaging import failpoints
from messaging.asyncapi import document, load_contracts
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from shop_world import OrderPlaced, World, eventually


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Generator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr("messaging.tracing._tracer", provider.get_tracer("messaging"))
    yield exporter
    provider.shutdown()


async def test_one_trace_goes_from_the_request_through_the_relay_to_the_reader(
    world: World, spans: InMemorySpanExporter
) -> None:
    tracer = TracerProvider().get_tracer("test")
    with tracer.start_as_current_span("request") as request:
        await world.shop.publish(OrderPlaced(order_id=uuid4(), number=1))
    assert trace.get_current_span().get_span_context().is_valid is False
    await world.start_shop()
    await world.start_mail()
    await eventually(lambda: world.mail.has(1))

    async def finished() -> list[ReadableSpan]:
        return [one for one in spans.get_finished_spans() if one.kind is SpanKind.CONSUMER]

    (processed,) = await eventually(finished)
    assert processed.parent is not None
    (sent,) = [one for one in spans.get_finished_spans() if one.context.span_id == processed.parent.span_id]
    assert sent.parent is not None
    assert sent.parent.span_id == request.get_span_context().span_id
    assert processed.context.trace_id == request.get_span_context().trace_id
    assert (sent.kind, processed.kind) == (SpanKind.PRODUCER, SpanKind.CONSUMER)
    assert (sent.name, processed.name) == ("send evt.shop.order.placed.v1", "process evt.shop.order.placed.v1")
    attributes = dict(processed.attributes or {})
    assert attributes["messaging.system"] == "nats"
    assert attributes["messaging.operation.type"] == "process"
    assert attributes["messaging.consumer.group.name"] == "mail"


def test_failpoints_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    armed = failpoints.parse("outbox.after_puback:exit9@3,inbox.after_ack:raise")
    assert armed == {"outbox.after_puback": ("exit", 9, 3), "inbox.after_ack": ("raise", 0, 0)}
    with pytest.raises(ValueError, match="cannot read"):
        failpoints.parse("outbox:explode")
    monkeypatch.setattr(failpoints, "ARMED", failpoints.parse("inbox.after_ack:raise@2"))
    monkeypatch.setattr(failpoints, "_passed", {})
    failpoints.hit("inbox.after_ack")
    with pytest.raises(failpoints.Failpoint):
        failpoints.hit("inbox.after_ack")
    failpoints.hit("inbox.after_ack")


def test_the_asyncapi_document_names_every_event() -> None:
    load_contracts()
    made = document()
    assert made["asyncapi"] == "3.0.0"
    assert set(made["channels"]) == set(made["components"]["messages"])
    for name, operation in made["operations"].items():
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert name == f"send.{channel}"
        assert channel in made["channels"]
    schemas = made["components"]["schemas"]
    for message in made["components"]["messages"].values():
        for part in (message["payload"]["allOf"][0], message["payload"]["allOf"][1]["properties"]["data"]):
            assert part["$ref"].removeprefix("#/components/schemas/") in schemas
    assert "shop.order.placed.v1" in made["channels"]
