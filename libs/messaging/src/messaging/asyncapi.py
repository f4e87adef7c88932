"""The AsyncAPI 3.0 document of all events, made from contracts: `python -m messaging.asyncapi` prints it."""

import importlib
import pkgutil
import sys
from typing import Any

import contracts
import msgspec
from contracts.event import PARTITIONS, REGISTRY, Event, key, stream

from messaging.envelope import MEDIA_TYPE, TYPE_PREFIX, Envelope

VERSION = "3.0.0"


def load_contracts() -> None:
    """Import every module of contracts, so that the registry is complete."""
    for module in pkgutil.iter_modules(contracts.__path__):
        importlib.import_module(f"contracts.{module.name}")


def document(registry: dict[str, type[Event]] | None = None) -> dict[str, Any]:
    """The document as JSON values. Channels are subjects, servers are left to each installation."""
    events = dict(sorted((registry if registry is not None else REGISTRY).items()))
    _, schemas = msgspec.json.schema_components(
        [*events.values(), Envelope], ref_template="#/components/schemas/{name}"
    )
    for name in schemas:
        schemas[name].setdefault("title", name)
    return {
        "asyncapi": VERSION,
        "info": {
            "title": "Muster's events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in structured JSON over NATS JetStream, at least once, in order by "
            "aggregate. Within a major version only fields are added; another major version is another subject.",
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": {name: _channel(kind) for name, kind in events.items()},
        "operations": {f"send.{name}": _operation(name, kind) for name, kind in events.items()},
        "components": {"messages": {name: _message(kind) for name, kind in events.items()}, "schemas": schemas},
    }


def _channel(kind: type[Event]) -> dict[str, Any]:
    name = key(kind)
    return {
        "address": f"evt.{name}.{{partition}}",
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "parameters": {
            "partition": {
                "description": f"CRC-32 of the aggregate's id, modulo {PARTITIONS}",
                "enum": [str(number) for number in range(PARTITIONS)],
            }
        },
        "description": f"In the JetStream stream {stream(kind.context)}.",
    }


def _operation(name: str, kind: type[Event]) -> dict[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{_escaped(name)}"},
        "messages": [{"$ref": f"#/channels/{_escaped(name)}/messages/{_escaped(name)}"}],
        "tags": [{"name": kind.context}],
    }


def _message(kind: type[Event]) -> dict[str, Any]:
    name = key(kind)
    return {
        "name": TYPE_PREFIX + name,
        "title": f"{kind.context} {kind.aggregate} {kind.event_name}",
        "summary": (kind.__doc__ or "").strip().partition("\n")[0],
        "contentType": MEDIA_TYPE,
        "payload": {
            "allOf": [
                {"$ref": f"#/components/schemas/{Envelope.__name__}"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": TYPE_PREFIX + name},
                        "data": {"$ref": f"#/components/schemas/{kind.__name__}"},
                    },
                    "required": ["data"],
                },
            ]
        },
    }


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def main() -> None:
    """Print the document as JSON."""
    load_contracts()
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document())).decode() + "\n")


if __name__ == "__main__":
    main()
