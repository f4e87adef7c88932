"""Logs: one JSON object a line on standard output, with the trace that the answer carries."""

import asyncio
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import structlog
from opentelemetry import trace

_encoder = msgspec.json.Encoder()
VALUES = re.compile(r"^(DETAIL:).*$|(?<=invalid input syntax )(for [^:\n]+:).*$", re.MULTILINE)
LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(service: str, level: str) -> None:
    """Set structlog up; libraries that log through `logging` come out the same way from `warning` on."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _identify(service),
            structlog.processors.format_exc_info,
            _without_values,
            structlog.processors.JSONRenderer(serializer=_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    request_log.enabled = LEVELS[level] <= LEVELS["info"]
    request_log.service = service
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)


def _encode(value: Any, **_: Any) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)


class RequestLog:
    """Writes the one line of each request. It skips structlog's processors, which cost as much as a small handler.

    Lines of one turn of the event loop go out together, before the next turn.
    """

    def __init__(self) -> None:
        self.enabled = False
        self.service = ""
        self._waiting = False

    def write(self, fields: dict[str, Any]) -> None:
        """Write `fields` with the time and the service, if requests are logged."""
        if self.enabled:
            fields |= {"event": "request", "level": "info", "timestamp": datetime.now(UTC), "service": self.service}
            sys.stdout.buffer.write(_encoder.encode(fields) + b"\n")
            if not self._waiting:
                self._waiting = True
                asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._waiting = False
        sys.stdout.buffer.flush()


request_log = RequestLog()


def _without_values(_: Any, __: str, fields: Any) -> Any:
    """Cut the values that PostgreSQL repeats in its errors: they are people's data."""
    for name in ("exception", "error"):
        if isinstance(text := fields.get(name), str):
            fields[name] = VALUES.sub(lambda found: f"{found[1] or found[2]} …", text)
    return fields


def _identify(service: str) -> Any:
    def add(_: Any, __: str, fields: Any) -> Any:
        fields["service"] = service
        span = trace.get_current_span().get_span_context()
        if span.is_valid:
            fields["trace_id"] = f"{span.trace_id:032x}"
        return fields

    return add


class _Forward(logging.Handler):
    """Sends records of the standard library's loggers through structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), exc_info=record.exc_info or None, logger=record.name)
