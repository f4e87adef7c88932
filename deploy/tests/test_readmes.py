"""What READMEs name is there: files, make targets, measurements, settings, events."""

import ast
import re
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
from chassis.settings import ServiceSettings
from contracts.event import REGISTRY

ROOT = Path(__file__).parents[2]
PARTS = ("services", "libs", "deploy", "bench", "tests-e2e")
READMES = [ROOT / "README.md", *sorted(path for part in PARTS for path in (ROOT / part).rglob("README.md"))]
SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")
NAMED = re.compile(r"`((?:services|libs|deploy|bench|tests-e2e)(?:/[\w.-]+)+)[`:/]")
TESTS_OWN = {"test_pictures"}


def title(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def fields(settings: type[msgspec.Struct]) -> set[str]:
    return {one.name for one in msgspec.structs.fields(settings)}


@pytest.mark.parametrize("path", READMES, ids=title)
def test_links_paths_and_targets_lead_somewhere(path: Path) -> None:
    text = path.read_text()
    links = [one for one in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in one]
    assert [one for one in links if not (path.parent / one).exists()] == []
    assert [one for one in NAMED.findall(text) if not (ROOT / one).exists()] == []
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:^|`)make ([a-z0-9-]+)", text, re.MULTILINE)) <= targets
    measured = {one for words in re.findall(r"python -m bench ([a-z_ ]+)`", text) for one in words.split()}
    assert [one for one in measured if not (ROOT / "bench" / f"{one}.py").exists()] == []


def test_the_tree_names_every_folder() -> None:
    text = (ROOT / "README.md").read_text()
    packages = [path.parent for part in ("services", "libs") for path in (ROOT / part).glob("*/pyproject.toml")]
    assert len(packages) > len(SERVICES)
    assert [title(one) for one in packages if f"`{title(one)}`" not in text] == []


def test_each_measurement_is_described() -> None:
    described = (ROOT / "bench" / "README.md").read_text()
    measuring = {path.stem for path in (ROOT / "bench").glob("*.py") if "measure" in functions(path)}
    assert len(measuring) > 10
    assert {one for one in measuring if f"`python -m bench {one}`" not in described} == set()


def functions(path: Path) -> set[str]:
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.AsyncFunctionDef)}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_tells_its_settings_and_its_events(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text()
    own = fields(import_module(f"{service}.settings").Settings) - fields(ServiceSettings)
    named = {one.lower() for one in re.findall(r"MUSTER_([A-Z_]+)", text)}
    assert own - named == set()
    assert named - own - fields(ServiceSettings) - TESTS_OWN == set()
    words = set(re.findall(r"[a-z0-9_]+", text))
    told = {(one.aggregate, one.event_name) for one in REGISTRY.values() if one.context == service}
    assert {one for one in told if not set(one) <= words} == set()
