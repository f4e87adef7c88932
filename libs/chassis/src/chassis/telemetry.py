"""The outermost layer of a service: request id, trace, one log line and metrics for every request.

One ASGI function rather than a stack of middlewares: it runs for every request, also for those that no route takes.
"""

import time
from collections.abc import Generator, MutableMapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from jsonapi import answer
from kernel.identifiers import uuid7_text
from opentelemetry import context as otel_context
from opentelemetry import propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from prometheus_client import Counter, Histogram

from chassis.logs import request_log
from chassis.settings import ServiceSettings

READ_HEADERS = frozenset(
    {b"x-request-id", b"traceparent", b"idempotency-key", b"authorization", b"x-api-key", b"x-muster-principal"}
)
"""What the chassis itself reads; kept in the scope as `muster`, so that nobody walks the headers again."""

QUIET = frozenset({"/livez", "/readyz", "/metrics"})
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
SERVER_ERROR = 500

requests = Counter("muster_http_requests_total", "Answered requests.", ["method", "route", "status"])
seconds = Histogram("muster_http_request_seconds", "Time to answer.", ["method", "route"], buckets=BUCKETS)
tracer = trace.get_tracer("muster.chassis")

Message = MutableMapping[str, Any]


def configure_tracing(name: str, settings: ServiceSettings) -> TracerProvider | None:
    """Export spans over OTLP/HTTP, if a collector is named. The gateway's sampling decision is followed."""
    if not settings.otlp_url:
        return None
    sampler = ParentBased(StartsWithWork(settings.trace_ratio))
    provider = TracerProvider(sampler=sampler, resource=Resource.create({"service.name": name}))
    provider.add_span_processor(
        BatchSpanProcessor(OTLPSpanExporter(f"{settings.otlp_url.rstrip('/')}/v1/traces"), schedule_delay_millis=500)
    )
    trace.set_tracer_provider(provider)
    AsyncPGInstrumentor().instrument()
    return provider


class StartsWithWork(Sampler):
    """Samples a trace that begins with a request or a message, never one that begins with a statement.

    Background tasks look into their tables several times a second; each look would be a trace of its own.
    """

    def __init__(self, ratio: float) -> None:
        self._inner = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: otel_context.Context | None,
        trace_id: int,
        name: str,
        kind: trace.SpanKind | None = None,
        *rest: Any,
        **named: Any,
    ) -> SamplingResult:
        """Drop what starts as a client's call."""
        if kind is trace.SpanKind.CLIENT:
            return SamplingResult(Decision.DROP)
        return self._inner.should_sample(parent_context, trace_id, name, kind, *rest, **named)

    def get_description(self) -> str:
        """What it does, for the exporter."""
        return f"StartsWithWork({self._inner.get_description()})"


@contextmanager
def resumed(name: str, traceparent: str | None) -> Generator[None]:
    """Go on with a trace that was put away with the work, as work of its own."""
    parent = propagate.extract({"traceparent": traceparent} if traceparent else {})
    with tracer.start_as_current_span(name, parent, trace.SpanKind.CONSUMER):
        yield


def observed(application: Any) -> Any:
    """Wrap an ASGI application."""

    async def observe(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] in QUIET:
            scope["muster"] = {}
            await application(scope, receive, send)
            return
        await _observe(application, scope, receive, send)

    return observe


async def _observe(application: Any, scope: Any, receive: Any, send: Any) -> None:
    headers = {name: value.decode("latin-1") for name, value in scope["headers"] if name in READ_HEADERS}
    scope["muster"] = headers
    request_id = headers.get(b"x-request-id") or uuid7_text()
    sent = headers.get(b"traceparent")
    parent = propagate.extract({"traceparent": sent}) if sent else None
    span = tracer.start_span(scope["method"], context=parent, kind=trace.SpanKind.SERVER)
    identity = span.get_span_context()
    extra = [(b"x-request-id", request_id.encode("latin-1"))]
    if identity.trace_flags.sampled:
        extra.append((b"x-trace-id", f"{identity.trace_id:032x}".encode()))
    status = SERVER_ERROR

    async def respond(message: Message) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    attached = otel_context.attach(trace.set_span_in_context(span)) if identity.is_valid else None  # or nobody traces
    remembered = answer.set({} if b"idempotency-key" in headers else None)
    started = time.perf_counter()
    try:
        await application(scope, receive, respond)
    finally:
        took = time.perf_counter() - started
        _record(scope, span, status, took, request_id)
        answer.reset(remembered)
        if attached is not None:
            otel_context.detach(attached)
        span.end()


def _record(scope: Any, span: trace.Span, status: int, took: float, request_id: str) -> None:
    method, route = scope["method"], scope.get("path_template") or "unmatched"
    count, histogram = _meters(method, route, status)
    count.inc()
    histogram.observe(took)
    principal = scope.get("principal")
    fields = {
        "method": method,
        "route": route,
        "status": status,
        "ms": round(took * 1000, 2),
        "request_id": request_id,
        "subject": principal.subject if principal else None,
    }
    identity = span.get_span_context()
    if identity.is_valid:
        fields["trace_id"] = f"{identity.trace_id:032x}"
    if span.is_recording():
        span.update_name(f"{method} {route}")
        span.set_attributes({"http.request.method": method, "http.route": route, "http.response.status_code": status})
        if status >= SERVER_ERROR:
            span.set_status(trace.StatusCode.ERROR)
    request_log.write(fields)


@cache
def _meters(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    return requests.labels(method, route, status), seconds.labels(method, route)
