"""`python -m bench [--record] [NAME …]`: run the measurements of this folder and print each figure beside its limit.

With `--record` the figures are also written down in MEASURED.md, instead of those of the last time.

A measurement is a module with `async def measure() -> list[Figure]`. Those that need a whole platform start one of
their own in a temporary folder.
"""

import asyncio
import importlib
import sys
from pathlib import Path

from rich.console import Console

from bench.figures import Figure, show
from bench.record import record

APART = {
    "__init__",
    "__main__",
    "artifacts_world",
    "authz_world",
    "figures",
    "forest",
    "load",
    "notifications_apps",
    "platform",
    "record",
    "serving",
}


def main() -> int:
    """Run what is named, or everything. Exit status 1 when a figure misses its limit or a measurement fails."""
    given = [word for word in sys.argv[1:] if word != "--record"]
    names = given or sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in APART)
    console, figures, failed = Console(soft_wrap=True), list[Figure](), False
    for name in names:
        console.print(f"[dim]measuring {name} …[/]")
        try:
            found = asyncio.run(importlib.import_module(f"bench.{name}").measure())
        except Exception:  # noqa: BLE001 one measurement that fails must not hide the others
            console.print_exception(max_frames=3)
            failed = True
            continue
        figures += found
        if "--record" in sys.argv:
            record(name, found)
    return 0 if show(figures, console) and not failed else 1


sys.exit(main())
