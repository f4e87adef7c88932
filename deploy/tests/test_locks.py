"""Each service's lock alone, in an environment of its own: there an undeclared dependency can't hide."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from muster.services import SERVICES

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ROOT / "deploy" / "locks"
BESIDE = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
IMPORT_ALL = """
import importlib, pkgutil, {name}
for module in pkgutil.walk_packages({name}.__path__, "{name}."):
    if ".migrations" not in module.name and not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def run(*words, **options):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def uv(*words):
    return run(shutil.which("uv", path=BESIDE), *words, "--quiet")


def members():
    """Each workspace member's folder and the members that it depends on, by name."""
    found = {}
    for path in [
        *ROOT.glob("libs/*/pyproject.toml"),
        *ROOT.glob("services/*/pyproject.toml"),
        *ROOT.glob("deploy/local/pyproject.toml"),
    ]:
        project = tomllib.loads(path.read_text())["project"]
        names = {re.match(r"[\w-]+", one)[0] for one in project["dependencies"]}
        found[project["name"]] = (path.parent, {name for name in names if name.startswith("muster-")})
    return found


def closure(name, known):
    found, todo = set(), [name]
    while todo:
        one = todo.pop()
        if one not in found:
            found.add(one)
            todo += known[one][1]
    return found


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """A wheel of each member, by name."""
    folder = tmp_path_factory.mktemp("wheels")
    built = {}
    for name, (source, _) in members().items():
        uv("build", "--wheel", "--no-build-isolation", "--python", sys.executable, "--out-dir", folder / name, source)
        (built[name],) = (folder / name).glob("*.whl")
    return built


@pytest.mark.xdist_group("locks")
@pytest.mark.parametrize("name", [*SERVICES, "local"])
def test_a_member_installs_alone_from_its_lock_and_imports(name, wheels, tmp_path):
    environment = tmp_path / "environment"
    python = environment / "bin" / "python"
    uv("venv", "--python", sys.executable, environment)
    uv("pip", "install", "--python", python, "--require-hashes", "--requirement", LOCKS / f"{name}.txt")
    own = [wheels[one] for one in sorted(closure(f"muster-{name}", members()))]
    uv("pip", "install", "--python", python, "--no-deps", *own)
    uv("pip", "check", "--python", python)
    bare = {"PATH": os.environ["PATH"]}
    if name == "local":
        run(python, "-m", "muster", "--help", env=bare, cwd=tmp_path)
        run(python, "-c", "import muster.supervisor", env=bare, cwd=tmp_path)
        return
    run(python, "-c", IMPORT_ALL.format(name=name), env=bare, cwd=tmp_path)
    code = f"from importlib.resources import files; print(len(list((files('{name}') / 'migrations').iterdir())))"
    assert int(run(python, "-c", code, env=bare, cwd=tmp_path)) > 1


def pins(path):
    lines = [line for line in path.read_text().splitlines() if line and not line.startswith((" ", "#"))]
    return {tuple(line.split(" ", 1)[0].split(";")[0].strip().split("==")) for line in lines}


@pytest.mark.parametrize("path", sorted(LOCKS.glob("*.txt")), ids=lambda path: path.stem)
def test_a_lock_pins_everything_with_hashes_and_names_no_address(path):
    text = path.read_text()
    assert "://" not in text
    assert "--index" not in text
    assert "-e " not in text
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("name", [*SERVICES, "local"])
def test_what_is_shipped_is_what_was_tested(name):
    assert pins(LOCKS / f"{name}.txt") <= pins(LOCKS / "development.txt")
