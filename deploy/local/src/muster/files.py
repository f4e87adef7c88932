"""Small files that are whole or absent, and that say what is wrong with them."""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from muster.errors import RunnerError


def write_private(path: Path, text: str) -> None:
    """Replace a file at once, readable by its owner only (mode 0600)."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Replace a JSON file at once, readable by its owner only (mode 0600)."""
    write_private(path, json.dumps(value, indent=2) + "\n")


REMOVABLE = "mend it, or remove it to have it made anew"


def read_object(path: Path, advice: str = REMOVABLE) -> dict[str, Any]:
    """Read a JSON object; an absent file is an empty one. Raises RunnerError, which ends in `advice`, for the rest."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise RunnerError(f"{path} can't be read ({error}): {advice}") from error
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise RunnerError(f"{path} is not JSON (line {error.lineno}): {advice}") from error
    if not isinstance(value, dict):
        raise RunnerError(f"{path} does not hold a JSON object: {advice}")
    return value


def recent(path: Path, since: int = 0) -> list[str]:
    """The last lines of a log (at most 16 KB) that were written after its first `since` bytes; empty ones left out."""
    try:
        with path.open("rb") as file:
            file.seek(max(since, path.stat().st_size - 16384))
            return [line.strip() for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        return []


def telling(lines: list[str], words: tuple[str, ...] = ()) -> str:
    """The line that tells most: the last with any of `words`, else the last of all; at most 300 characters."""
    chosen = [line for line in lines if any(word in line for word in words)]
    return plain((chosen or lines or [""])[-1])[:300]


def plain(line: str) -> str:
    """A structured log line (JSON) as a sentence: its event and the last line of its exception; others as they are."""
    try:
        entry = json.loads(line)
        why = str(entry.get("exception") or entry.get("error") or "").strip().splitlines()[-1:]
        return ": ".join([str(entry["event"]), *why])
    except (ValueError, KeyError, AttributeError):
        return line


def disk_full(folder: Path) -> str:
    """What to do about a full disk."""
    return f"the disk below {folder} is full; free some space, then run `muster up` again"
