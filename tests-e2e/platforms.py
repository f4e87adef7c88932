"""The platform that journeys go through."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

COMMAND_SECONDS = 180


@dataclass(frozen=True)
class Platform:
    """Where a running platform answers."""

    gateway: str
    console: str
    email: str
    password: str
    home: Path | None = None

    def muster(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run the `muster` command on this platform."""
        assert self.home is not None
        environment = {**os.environ, "MUSTER_HOME": str(self.home)}
        command = [sys.executable, "-m", "muster", *words]
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done
