"""MEASURED.md: the figures of the last run that was recorded, a section a measurement."""

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

from bench.figures import Figure

PLACE = Path(__file__).parent / "MEASURED.md"
HEAD = """# Measured

Written by `python -m bench --record NAME …`, each section by itself. What a ratio is held against ran in the same run,
on the same machine; [README.md](README.md) says what each figure is.
"""
SECTION = re.compile(r"^## (\w+)$", re.MULTILINE)


def record(name: str, figures: list[Figure]) -> None:
    """Write down the figures of one measurement, instead of its last ones."""
    parts = SECTION.split(PLACE.read_text()) if PLACE.exists() else [HEAD]
    sections = dict(zip(parts[1::2], parts[2::2], strict=True)) | {name: _section(figures)}
    PLACE.write_text(HEAD + "".join(f"\n## {key}\n\n{sections[key].strip()}\n" for key in sorted(sections)))


def _section(figures: list[Figure]) -> str:
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {platform.machine()}.",
        "",
        "| figure | measured | limit | against |",
        "|---|---|---|---|",
        *(
            f"| {one.name} | {one.value:.3g} {one.unit}{'' if one.reached else ' (missed)'} "
            f"| {one.bound} {one.limit:g} {one.unit} | {one.against} |"
            for one in figures
        ),
    ]
    return "\n".join(lines)
