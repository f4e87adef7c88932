"""`python -m muster.containers init`: made once, whole, and closed to others on this machine."""

import os
import stat
import subprocess
import sys
from pathlib import Path


def init(home: Path) -> dict[str, str]:
    environment = {**os.environ, "MUSTER_COMPOSE_HOME": str(home), "MUSTER_ADMIN_EMAIL": "ops@place.example"}
    command = [sys.executable, "-m", "muster.containers", "init"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, umask=0o077)
    assert done.returncode == 0, done.stderr
    return {path.name: path.read_text() for path in (home / "secrets").iterdir()}


def test_secrets_are_made_once_and_nobody_else_gets_to_them(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    made = init(home)
    assert made["admin-email"] == "ops@place.example"
    assert len({value for name, value in made.items() if name != "admin-email"}) == len(made) - 1
    assert init(home) == made
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "secrets").stat().st_mode) == 0o755
    # a container's user reads a mounted file, whoever owns it
    assert {stat.S_IMODE(path.stat().st_mode) for path in (home / "secrets").iterdir()} == {0o644}
    assert stat.S_IMODE((home / "secrets.json").stat().st_mode) == 0o600


def test_what_was_lost_is_written_again(tmp_path: Path) -> None:
    made = init(tmp_path)
    (tmp_path / "secrets" / "orgs-secret").unlink()
    (tmp_path / "secrets" / "nats.conf").write_text("spoilt")
    assert init(tmp_path) == made


def test_a_home_that_can_not_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environment = {**os.environ, "MUSTER_COMPOSE_HOME": str(tmp_path / "file" / "home")}
    command = [sys.executable, "-m", "muster.containers", "init"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("muster: ")
    assert done.stderr.count("\n") == 1
