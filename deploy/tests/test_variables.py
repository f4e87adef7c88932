"""What compose and the charts set is what the services read: a mistyped variable would be ignored in silence."""

import re
from importlib import import_module
from pathlib import Path

import msgspec
import pytest
import yaml

ROOT = Path(__file__).parents[2]
HELM = ROOT / "deploy" / "helm"
SERVICES = ("identity", "orgs", "authz", "artifacts", "notifications")


def read(service: str) -> tuple[set[str], set[str]]:
    """The variables that a service reads, and those that it needs."""
    fields = msgspec.structs.fields(import_module(f"{service}.settings").Settings)
    return {one.name.upper() for one in fields}, {one.name.upper() for one in fields if one.required}


def bare(name: str) -> str:
    return name.removeprefix("MUSTER_").removesuffix("_FILE")


@pytest.mark.parametrize("service", SERVICES)
def test_compose_sets_what_a_service_reads(service: str) -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    for name in (service, f"{service}-migrate"):
        variables = compose[name]["environment"]
        known, needed = read(service)
        given = {bare(variable) for variable in variables}
        assert given <= known, given - known
        assert needed <= given, needed - given
        mounted = {one if isinstance(one, str) else one["target"] for one in compose[name]["secrets"]}
        files = {value.rsplit("/", 1)[1] for value in variables.values() if value.startswith("/run/secrets/")}
        assert files == mounted


@pytest.mark.parametrize("service", SERVICES)
def test_a_chart_sets_what_a_service_reads(service: str) -> None:
    defaults = (HELM / "service" / "templates" / "_defaults.tpl").read_text()
    shared = yaml.safe_load(defaults.split('"muster.defaults" -}}')[1].split("{{- end }}")[0])
    own = yaml.safe_load((HELM / service / "values.yaml").read_text()) or {}
    assert set(own) <= set(shared)
    values = {**shared, **own}
    given = {key.upper().replace("-", "_") for key in values["secretKeys"]} | set(values["environment"])
    pod = (HELM / "service" / "templates" / "_pod.tpl").read_text()
    given |= {bare(name) for name in re.findall(r"name: (MUSTER_[A-Z_]+),", pod)} | {
        "IDENTITY_URL",
        "ORGS_URL",
        "AUTHZ_URL",
    }
    known, needed = read(service)
    assert given <= known, given - known
    assert needed <= given, needed - given


@pytest.mark.parametrize("chart", [*SERVICES, "gateway", "muster"])
def test_a_chart_holds_those_that_it_depends_on(chart: str) -> None:
    described = yaml.safe_load((HELM / chart / "Chart.yaml").read_text())
    names = {one["name"] for one in described["dependencies"]}
    assert names == ({*SERVICES, "gateway"} if chart == "muster" else {"service"})
    for name in names:
        held = yaml.safe_load((HELM / chart / "charts" / name / "Chart.yaml").read_text())
        wanted = next(one for one in described["dependencies"] if one["name"] == name)
        assert (held["name"], held["version"]) == (name, wanted["version"])
