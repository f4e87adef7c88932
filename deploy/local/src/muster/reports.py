"""What the commands print: tables of processes and addresses, a trace as a tree, logs."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table
from rich.tree import Tree

from muster import state
from muster.home import Home

COLOURS = {"healthy": "green", "starting": "yellow", "restarting": "yellow", "unhealthy": "red", "stopped": "red"}


def status(home: Home) -> dict[str, Any]:
    """The platform as it is now: phase, processes with resident bytes, addresses."""
    record = state.read(home)
    supervisor = state.supervisor(home)
    phase = record.get("phase", "stopped")
    if supervisor is None and phase not in {"stopped", "failed"}:
        phase = "killed"
    parts: dict[str, dict[str, Any]] = {}
    for name, part in record.get("components", {}).items():
        process = state.find(part)
        shown = {key: part.get(key) for key in ("state", "port", "restarts")}
        parts[name] = {**shown, "pid": process.pid if process else None, "resident": resident(process)}
        if process is None and part.get("state") == "healthy":
            parts[name]["state"] = "stopped"
    own = {"state": "healthy" if supervisor else "stopped", "port": None, "restarts": 0}
    own |= {"pid": supervisor.pid if supervisor else None, "resident": resident(supervisor, alone=True)}
    parts = {"supervisor": own, **parts}
    return {
        "home": str(home.path),
        "phase": phase,
        "message": record.get("message", ""),
        "healthy": phase == "running" and all(part["state"] == "healthy" for part in parts.values()),
        "resident": sum(part["resident"] for part in parts.values()),
        "urls": record.get("urls", {}),
        "components": parts,
    }


def resident(process: psutil.Process | None, *, alone: bool = False) -> int:
    """Bytes in memory of a process and its children; pages that they share count once where Linux says so."""
    if process is None:
        return 0
    total = 0
    try:
        for one in [process, *([] if alone else process.children(recursive=True))]:
            try:
                total += one.memory_full_info().pss
            except (psutil.AccessDenied, AttributeError):
                total += one.memory_info().rss
    except psutil.Error:
        return total
    return total


def status_table(shown: dict[str, Any]) -> Table:
    """The processes."""
    table = Table(title=f"Muster in {shown['home']}: {shown['phase']}", title_justify="left")
    for name, justify in (("process", "left"), ("state", "left"), ("port", "right"), ("pid", "right")):
        table.add_column(name, justify=justify)  # pyright: ignore[reportArgumentType] - a literal of rich's
    table.add_column("restarts", justify="right")
    table.add_column("MB", justify="right")
    for name, part in shown["components"].items():
        colour = COLOURS.get(part["state"], "white")
        cells = [part["port"], part["pid"], part["restarts"], f"{part['resident'] / 1e6:.0f}"]
        table.add_row(name, f"[{colour}]{part['state']}[/]", *("" if cell is None else str(cell) for cell in cells))
    table.add_row("in all", "", "", "", "", f"{shown['resident'] / 1e6:.0f}")
    return table


def address_table(home: Home) -> Table:
    """Where the platform answers, and who may sign in."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, url in state.read(home).get("urls", {}).items():
        table.add_row(name, url)
    table.add_row("operator", str(home.path / "admin.json"))
    table.add_row("logs", str(home.path / "logs"))
    return table


def trace_tree(trace: dict[str, Any]) -> Tree:
    """A trace: each span under its parent, with its service and milliseconds."""
    top = Tree(f"[bold]{trace['trace_id']}[/] · {trace['spans']} spans")

    def add(branch: Tree, nodes: list[dict[str, Any]]) -> None:
        for node in nodes:
            mark = "[red]failed[/] " if node["failed"] else ""
            text = (
                f"{mark}[cyan]{node['service']}[/] {node['name']} [dim]{node['kind']}[/] {node['milliseconds']:.1f} ms"
            )
            add(branch.add(text), node["children"])

    add(top, trace["roots"])
    return top


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a file."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 400 * lines))
            return file.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []


def follow(paths: dict[str, Path]) -> Iterator[tuple[str, str]]:
    """Lines as they are written, each with the name of its log; goes on when a log is cut. Never ends."""
    offsets = {name: path.stat().st_size if path.exists() else 0 for name, path in paths.items()}
    while True:
        for name, path in paths.items():
            size = path.stat().st_size if path.exists() else 0
            if size < offsets[name]:
                offsets[name] = 0
            if size == offsets[name]:
                continue
            with path.open("rb") as file:
                file.seek(offsets[name])
                content = file.read(size - offsets[name])
            whole = content[: content.rfind(b"\n") + 1]
            offsets[name] += len(whole)
            for line in whole.decode("utf-8", "replace").splitlines():
                yield name, line
        time.sleep(0.2)


def plain_console() -> Console:
    """Where the commands print to; as wide as a trace needs where that is no terminal."""
    return Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else 160)
