"""NATS users and what each may do: a service publishes its own events and uses its own consumers, nothing else.

`consumes` says whose streams a service reads, by durable consumers or tails: {service: {context, ...}}. One function
renders the accounts for every way of running Muster (local runner, compose, Helm).
"""

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

from contracts.event import stream

from messaging.connection import inbox_prefix
from messaging.streams import DEAD_LETTERS
from messaging.tail import SLOTS, slot_name

OPERATOR = "operator"
"""The user of `muster audit`, `events republish` and `dlq`: everything within the platform's account."""
SYSTEM = "system"


class Allowed(NamedTuple):
    """The subjects that a user may publish to and subscribe to."""

    publish: list[str]
    subscribe: list[str]


def allowed(service: str, consumed: Collection[str]) -> Allowed:
    """What one service may do. Names are whole: NATS' `*` stands for whole words and would open other's consumers."""
    own = stream(service)
    publish = [
        f"evt.{service}.>",
        f"dlq.{service}.>",
        f"ctl.{service}.>",
        *(f"$JS.API.STREAM.{verb}.{own}" for verb in ("CREATE", "UPDATE", "INFO")),
        f"$JS.API.CONSUMER.LIST.{own}",
        *(f"$JS.API.STREAM.{verb}.{DEAD_LETTERS}" for verb in ("CREATE", "INFO")),
        *_consumer(DEAD_LETTERS, service),
    ]
    for context in sorted(consumed):
        name = stream(context)
        publish += [f"ctl.{context}.republish", f"$JS.API.STREAM.INFO.{name}", f"$JS.API.STREAM.MSG.GET.{name}"]
        publish += _consumer(name, service)
        for slot in range(SLOTS):
            tail = slot_name(service, slot)
            publish += [f"$JS.API.CONSUMER.CREATE.{name}.{tail}", f"$JS.API.CONSUMER.MSG.NEXT.{name}.{tail}"]
    return Allowed(list(dict.fromkeys(publish)), [f"{inbox_prefix(service)}.>", f"ctl.{service}.>"])


def _consumer(name: str, durable: str) -> list[str]:
    verbs = ("CREATE", "INFO", "MSG.NEXT")
    return [*(f"$JS.API.CONSUMER.{verb}.{name}.{durable}" for verb in verbs), f"$JS.ACK.{name}.{durable}.>"]


def accounts(consumes: Mapping[str, Collection[str]], passwords: Mapping[str, str]) -> str:
    """The `system_account` and `accounts` sections of a nats-server configuration.

    `passwords` holds one for each service, for `operator` and for `system`. Raises KeyError where one is missing.
    """
    users = [_user(OPERATOR, passwords[OPERATOR], None)]
    users += [_user(service, passwords[service], allowed(service, read)) for service, read in sorted(consumes.items())]
    system = f"{{ user: {_text(SYSTEM)}, password: {_text(passwords[SYSTEM])} }}"
    return (
        "system_account: SYS\n"
        "accounts {\n"
        f"  SYS: {{ users: [ {system} ] }}\n"
        "  PLATFORM: {\n"
        "    jetstream: enabled\n"
        "    users: [\n" + "\n".join(users) + "\n    ]\n  }\n}\n"
    )


def server_config(
    consumes: Mapping[str, Collection[str]],
    passwords: Mapping[str, str],
    *,
    store: str,
    listen: str = "127.0.0.1:4222",
    monitor: str | None = None,
    max_file_store: str = "4GB",
    sync: str = "always",
) -> str:
    """A whole nats-server configuration.

    `store` is the folder for the streams, `monitor` the address of /healthz. `sync` is how often written messages are
    forced to the disk: `always` is the only choice that keeps acknowledged messages through a power failure.
    """
    lines = [
        f"listen: {_text(listen)}",
        *([f"http: {_text(monitor)}"] if monitor else []),
        "server_name: muster",
        "max_payload: 1MB",
        'write_deadline: "5s"',
        "jetstream {",
        f"  store_dir: {_text(store)}",
        f"  max_file_store: {max_file_store}",
        "  max_memory_store: 64MB",
        f"  sync_interval: {sync}",
        "}",
    ]
    return "\n".join(lines) + "\n" + accounts(consumes, passwords)


def _user(name: str, password: str, may: Allowed | None) -> str:
    head = f"      {{ user: {_text(name)}, password: {_text(password)}"
    if may is None:
        return head + " }"
    publish, subscribe = (", ".join(map(_text, subjects)) for subjects in may)
    return (
        f"{head}, permissions: {{\n        publish: {{ allow: [{publish}] }}\n"
        f"        subscribe: {{ allow: [{subscribe}] }}\n"
        '        allow_responses: { max: 1, expires: "60s" } } }'
    )


def _text(value: str) -> str:
    return json.dumps(value)
