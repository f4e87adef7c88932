"""One OpenAPI document out of five."""

import asyncio
import copy
import json
from pathlib import Path
from typing import Any

import aiohttp

from muster.errors import RunnerError
from muster.home import Home

Document = dict[str, Any]
TITLE = "Muster"
DESCRIPTION = "The identity and cohort platform behind an organization's applications: five services, one gateway."


def merge(documents: dict[str, Document]) -> Document:
    """Join the documents, by service name. Raises ValueError for a path that two services have.

    A component that another service names alike and means otherwise gets its service's name in front.
    """
    merged: Document = {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": "1", "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "paths": {},
        "components": {},
        "tags": [],
    }
    for service, original in documents.items():
        document = _distinct(service, original, merged["components"])
        for path, item in document.get("paths", {}).items():
            if path in merged["paths"]:
                raise ValueError(f"{path} is in the document of {service} and in another one")
            merged["paths"][path] = item
        for kind, entries in document.get("components", {}).items():
            merged["components"].setdefault(kind, {}).update(entries)
        known = {tag["name"] for tag in merged["tags"]}
        merged["tags"] += [tag for tag in document.get("tags", []) if tag["name"] not in known]
    merged["paths"] = dict(sorted(merged["paths"].items()))
    return merged


def _distinct(service: str, document: Document, taken: dict[str, dict[str, Any]]) -> Document:
    """The document with each clashing component renamed, and what points at it.

    A component that looks alike but points at a renamed one differs, too: repeated until nothing changes.
    """
    current = copy.deepcopy(document)
    while True:
        renamed = {
            f"#/components/{kind}/{name}": f"#/components/{kind}/{service.capitalize()}{name}"
            for kind, entries in current.get("components", {}).items()
            for name, entry in entries.items()
            if name in taken.get(kind, {}) and taken[kind][name] != entry
        }
        if not renamed:
            return current
        current = _rename(current, renamed)
        for old, new in renamed.items():
            _, _, kind, name = old.split("/", 3)
            entries = current["components"][kind]
            entries[new.rsplit("/", 1)[1]] = entries.pop(name)


def _rename(node: Any, renamed: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _pointer(key, value, renamed) for key, value in node.items()}
    if isinstance(node, list):
        return [_rename(value, renamed) for value in node]
    return node


def _pointer(key: str, value: Any, renamed: dict[str, str]) -> Any:
    if key == "$ref" and isinstance(value, str):
        return renamed.get(value, value)
    if key == "mapping" and isinstance(value, dict):  # of a discriminator
        return {name: renamed.get(target, target) for name, target in value.items()}
    return _rename(value, renamed)


async def fetch(session: aiohttp.ClientSession, addresses: dict[str, str]) -> dict[str, Document]:
    """Each running service's own document, by service name. Raises RunnerError for one that can't be had."""

    async def one(name: str, address: str) -> Document:
        try:
            async with session.get(f"{address}/openapi.json", timeout=aiohttp.ClientTimeout(total=30)) as answer:
                answer.raise_for_status()
                return json.loads(await answer.text())
        except (OSError, aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise RunnerError(f"the OpenAPI document of {name} can't be had from {address}: {error}") from error

    documents = await asyncio.gather(*(one(name, address) for name, address in addresses.items()))
    return dict(zip(addresses, documents, strict=True))


async def collect(session: aiohttp.ClientSession, ports: dict[str, int], home: Home) -> Path:
    """Fetch, merge and keep the document where the gateway serves it from."""
    documents = await fetch(session, {name: f"http://127.0.0.1:{port}" for name, port in ports.items()})
    try:
        merged = merge(documents)
    except ValueError as error:
        raise RunnerError(f"the OpenAPI documents can't be merged: {error}") from error
    path = home.folder("gateway") / "openapi.json"
    path.write_text(json.dumps(merged, separators=(",", ":")), encoding="utf-8")
    return path
