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


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object; an absent file is an empty one. Raises RunnerError for anything else."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise RunnerError(f"{path} can't be read ({error}): mend it, or remove it to have it made anew") from error
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise RunnerError(
            f"{path} is not JSON (line {error.lineno}): mend it, or remove it to have it made anew"
        ) from error
    if not isinstance(value, dict):
        raise RunnerError(f"{path} does not hold a JSON object: mend it, or remove it to have it made anew")
    return value


def last_line(path: Path, words: tuple[str, ...] = ()) -> str:
    """The last line of a log that has something to say: one with any of `words`, else the last of all."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 16384))
            lines = [line for line in file.read().decode("utf-8", "replace").splitlines() if line.strip()]
    except OSError:
        return ""
    telling = [line for line in lines if any(word in line for word in words)]
    return (telling or lines or [""])[-1].strip()[:300]
