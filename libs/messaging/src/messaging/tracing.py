"""Trace context through the outbox and NATS (W3C Trace Context, OpenTelemetry messaging conventions)."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("messaging")


def current_traceparent() -> str | None:
    """The `traceparent` of the span that is active now, if there is one."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def span(operation: str, kind: SpanKind, parent: str | None, **attributes: Any) -> Generator[Span]:
    """A span `<operation> <event type>` below `parent`, a traceparent. An exception marks it as failed."""
    context = _propagator.extract({"traceparent": parent} if parent else {})
    names = {
        "messaging.system": "nats",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        **{f"messaging.{name.replace('__', '.')}": value for name, value in attributes.items() if value is not None},
    }
    name = f"{operation} {attributes.get('destination__template', '')}".strip()
    with _tracer.start_as_current_span(name, context, kind, names, record_exception=False) as started:
        try:
            yield started
        except Exception as error:
            started.set_attribute("error.type", type(error).__qualname__)
            started.set_status(Status(StatusCode.ERROR, type(error).__name__))
            raise
