"""A platform of its own for measurements that need a whole one."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testkit.servers import free_port


@dataclass(frozen=True)
class Platform:
    """A running platform."""

    home: Path
    port: int

    def muster(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the `muster` command on it."""
        environment = {**os.environ, "MUSTER_HOME": str(self.home), "MUSTER_PORT": str(self.port)}
        command = [sys.executable, "-m", "muster", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    @property
    def state(self) -> dict[str, Any]:
        """What the runner says of it."""
        return json.loads(self.muster("status", "--json").stdout)

    @property
    def admin(self) -> dict[str, str]:
        """The operator's account."""
        return json.loads((self.home / "admin.json").read_text())


@contextmanager
def platform() -> Iterator[Platform]:
    """Start a platform in a temporary folder; stop and remove it at the end."""
    with tempfile.TemporaryDirectory(prefix="muster-bench-") as folder:
        made = Platform(Path(folder), free_port())
        made.muster("up")
        try:
            yield made
        finally:
            made.muster("down")


def seconds(action: Any) -> float:
    """How long an action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
