"""Keeps the spans that processes export (OTLP/HTTP, protobuf) and shows a trace as a tree.

Batches are kept as they arrive, each behind its length, and decoded only when a trace is asked for: taking them
costs next to nothing. Two files of at most 32 MB; the older one goes when the newer one is full.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

BYTES = 32 * 1024 * 1024
LENGTH = struct.Struct(">I")
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")


class Store:
    """The newest spans of a platform."""

    def __init__(self, folder: Path, limit: int = BYTES) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.current, self.older, self.limit = folder / "spans", folder / "spans.older", limit
        self.file = self.current.open("ab")

    def add(self, batch: bytes) -> None:
        """Keep one export request."""
        if self.file.tell() > self.limit:
            self.file.close()
            self.current.replace(self.older)
            self.file = self.current.open("ab")
        self.file.write(LENGTH.pack(len(batch)) + batch)
        self.file.flush()

    def close(self) -> None:
        """Close the file."""
        self.file.close()

    def batches(self) -> Iterator[bytes]:
        """Every batch kept, newest first. A last one that was cut off by a crash is left out."""
        for path in (self.current, self.older):
            try:
                content = path.read_bytes()
            except FileNotFoundError:
                continue
            places: list[tuple[int, int]] = []
            offset = 0
            while offset + LENGTH.size <= len(content):
                (size,) = LENGTH.unpack_from(content, offset)
                start, offset = offset + LENGTH.size, offset + LENGTH.size + size
                if offset <= len(content):
                    places.append((start, offset))
            for start, end in reversed(places):
                yield content[start:end]

    def read(self, trace_id: str) -> dict[str, Any] | None:
        """One trace: its spans as trees under `roots`. None for an id that is unknown or malformed."""
        try:
            wanted = bytes.fromhex(trace_id)
        except ValueError:
            return None
        if len(wanted) != 16:  # noqa: PLR2004 - bytes of a trace id (W3C Trace Context)
            return None
        spans = [
            span
            for batch in self.batches()
            if wanted in batch
            for span in decode(batch)
            if span["trace_id"] == trace_id
        ]
        return {"trace_id": trace_id, "spans": len(spans), "roots": tree(spans)} if spans else None

    def newest(self, limit: int = 50) -> list[dict[str, Any]]:
        """The newest traces, newest first: id, the name, service and start of the first span, count, services."""
        traces: dict[str, list[dict[str, Any]]] = {}
        for batch in self.batches():
            for span in decode(batch):
                traces.setdefault(span["trace_id"], []).append(span)
            if len(traces) >= limit * 2:
                break
        found = [_summary(trace_id, spans) for trace_id, spans in traces.items()]
        return sorted(found, key=lambda one: one["start"], reverse=True)[:limit]


def _summary(trace_id: str, spans: list[dict[str, Any]]) -> dict[str, Any]:
    first = min(spans, key=lambda span: (bool(span["parent_id"]), span["start"]))
    return {
        "trace_id": trace_id,
        "name": first["name"],
        "service": first["service"],
        "start": first["start"],
        "milliseconds": max(s["start"] + s["milliseconds"] / 1000 for s in spans) * 1000 - first["start"] * 1000,
        "spans": len(spans),
        "services": sorted({span["service"] for span in spans}),
        "failed": any(span["failed"] for span in spans),
    }


def decode(batch: bytes) -> list[dict[str, Any]]:
    """The spans of one export request; none when it can't be read."""
    request = ExportTraceServiceRequest()
    try:
        request.ParseFromString(batch)
    except DecodeError:
        return []
    return [
        _describe(span, str(_attributes(resource.resource.attributes).get("service.name", "?")))
        for resource in request.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def _describe(span: Span, service: str) -> dict[str, Any]:
    return {
        "trace_id": span.trace_id.hex(),
        "span_id": span.span_id.hex(),
        "parent_id": span.parent_span_id.hex(),
        "name": span.name,
        "service": service,
        "kind": KINDS[span.kind] if span.kind < len(KINDS) else "unspecified",
        "start": span.start_time_unix_nano / 1e9,
        "milliseconds": round((span.end_time_unix_nano - span.start_time_unix_nano) / 1e6, 3),
        "failed": span.status.code == 2,  # noqa: PLR2004 - STATUS_CODE_ERROR
        "message": span.status.message,
        "attributes": _attributes(span.attributes),
        "links": [{"trace_id": link.trace_id.hex(), "span_id": link.span_id.hex()} for link in span.links],
    }


def _attributes(pairs: Any) -> dict[str, Any]:
    def plain(value: AnyValue) -> Any:
        kind = value.WhichOneof("value")
        if kind == "array_value":
            return [plain(one) for one in value.array_value.values]
        if kind == "kvlist_value":
            return {one.key: plain(one.value) for one in value.kvlist_value.values}
        if kind == "bytes_value":
            return value.bytes_value.hex()
        return getattr(value, kind) if kind else None

    known: list[KeyValue] = list(pairs)
    return {pair.key: plain(pair.value) for pair in known}


def tree(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The spans under their parents (`children`), each list by start. A span whose parent is absent is a root."""
    nodes: dict[str, dict[str, Any]] = {span["span_id"]: {**span, "children": []} for span in spans}
    roots: list[dict[str, Any]] = []
    for node in sorted(nodes.values(), key=lambda one: one["start"]):
        parent = nodes.get(node["parent_id"])
        (parent["children"] if parent else roots).append(node)
    return roots
