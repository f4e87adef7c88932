"""The folder of one platform: where its data, secrets, configurations and logs stand."""

import base64
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from muster import files
from muster.errors import RunnerError
from muster.services import SERVICES

FREE_BYTES = 128 * 1024 * 1024
"""Less free space than this and PostgreSQL would stop in the middle of its first minute."""

LOST_SECRETS = "restore it, for the data can't be opened without it; or remove the whole folder to start afresh"


@dataclass(frozen=True)
class Home:
    """`$MUSTER_HOME`, made absolute."""

    path: Path

    def folder(self, name: str) -> Path:
        """A folder below the home, made when it is first asked for (mode 0700)."""
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.folder("logs") / f"{name}.log"

    @property
    def state_file(self) -> Path:
        """What the supervisor last wrote about the platform."""
        return self.path / "state.json"

    @property
    def lock_file(self) -> Path:
        """Held (flock) by the supervisor as long as it lives."""
        return self.path / "lock"


def locate() -> Home:
    """The home that the environment names; `.muster` in the current folder otherwise."""
    return Home(Path(os.environ.get("MUSTER_HOME") or ".muster").expanduser().resolve())


def prepare(home: Home) -> None:
    """Make the folder, and refuse one that can't be written or stands on a full disk."""
    try:
        home.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        free = shutil.disk_usage(home.path).free
        if free >= FREE_BYTES:
            home.folder("logs")
    except OSError as error:
        raise RunnerError(
            f"{home.path} can't be used ({error.strerror}): choose another folder with MUSTER_HOME"
        ) from error
    if free < FREE_BYTES:
        raise RunnerError(
            f"the disk below {home.path} has {free >> 20} MB free and Muster needs {FREE_BYTES >> 20} MB: "
            "free some space, or choose another folder with MUSTER_HOME"
        )


def load_secrets(home: Home) -> dict[str, Any]:
    """The platform's passwords and keys; what is missing is made and kept in secrets.json."""
    path = home.path / "secrets.json"
    kept = files.read_object(path, LOST_SECRETS)
    if not kept and ((home.path / "postgres").exists() or (home.path / "postgres-of-nobody").exists()):
        raise RunnerError(f"{path} is missing: {LOST_SECRETS}")
    made = {
        "postgres": kept.get("postgres") or secrets.token_urlsafe(24),
        "master_key": kept.get("master_key") or _key(),
        "webhook_key": kept.get("webhook_key") or _key(),
        "databases": _passwords(kept.get("databases"), SERVICES),
        "nats": _passwords(kept.get("nats"), (*SERVICES, "operator", "system")),
        "services": _passwords(kept.get("services"), SERVICES),
    }
    if made != kept:
        files.write_json(path, made)
    return made


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")


def _passwords(kept: Any, names: tuple[str, ...]) -> dict[str, str]:
    known: dict[str, str] = kept if isinstance(kept, dict) else {}
    return {name: known.get(name) or secrets.token_urlsafe(24) for name in names}


def load_admin(home: Home) -> dict[str, str]:
    """The operator's e-mail and password: kept ones, else MUSTER_ADMIN_EMAIL and _PASSWORD, else made up."""
    path = home.path / "admin.json"
    kept = files.read_object(path)
    if kept.get("email") and kept.get("password"):
        return kept
    made = {
        "email": os.environ.get("MUSTER_ADMIN_EMAIL") or "operator@muster.example",
        "password": os.environ.get("MUSTER_ADMIN_PASSWORD") or secrets.token_urlsafe(18),
    }
    files.write_json(path, made)
    return made
