"""Dashboards and alerts speak of metrics that exist."""

import json
import re
from importlib import import_module
from pathlib import Path

import pytest
import yaml
from prometheus_client import REGISTRY

FOLDER = Path(__file__).parents[1] / "observability"
METRIC = re.compile(r"\b(?:muster|authz|process|python)_[a-z0-9_]+\b")
DELETIONS = "identity.deletion_requests.coordinating"
WEBHOOKS = "notifications.webhook_endpoints.following"
MESSAGES = "notifications.deliveries.figures"
ALERTS = yaml.safe_load((FOLDER / "prometheus" / "alerts.yml").read_text())["groups"][0]["rules"]


def panels() -> list[dict]:
    dashboard = json.loads((FOLDER / "grafana" / "muster.json").read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions() -> list[str]:
    return [target["expr"] for panel in panels() for target in panel["targets"]] + [rule["expr"] for rule in ALERTS]


@pytest.fixture(scope="module")
def known() -> dict[str, set[str]]:
    """The labels of every sample that services expose, by its name."""
    for module in (
        "chassis.telemetry",
        "chassis.erasure",
        "messaging.metrics",
        "authz.replica",
        DELETIONS,
        WEBHOOKS,
        MESSAGES,
    ):
        import_module(module)
    names: dict[str, set[str]] = {}
    for collector, exposed in REGISTRY._collector_to_names.items():
        for name in exposed:
            names[name] = set(getattr(collector, "_labelnames", ()))
    return names


@pytest.mark.parametrize("expression", expressions())
def test_an_expression_names_metrics_and_labels_that_exist(expression: str, known: dict[str, set[str]]) -> None:
    names = set(METRIC.findall(expression))
    assert names or "up{" in expression
    assert names <= set(known), names - set(known)
    labels = set(re.findall(r"([a-z_]+)=~?\"", expression))
    for grouped in re.findall(r"by \(([a-z_, ]+)\)", expression):
        labels |= {label.strip() for label in grouped.split(",")}
    assert labels <= {"app", "le", "job"}.union(*(known[name] for name in names)), expression


def test_every_alert_says_what_to_do() -> None:
    for rule in ALERTS:
        assert set(rule["annotations"]) == {"summary", "action"}
        assert rule["labels"]["severity"] in {"critical", "warning"}
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


def test_panels_do_not_overlap() -> None:
    places = [panel["gridPos"] for panel in panels()]
    cells = [(x, y) for p in places for x in range(p["x"], p["x"] + p["w"]) for y in range(p["y"], p["y"] + p["h"])]
    assert len(cells) == len(set(cells))
    assert len({panel["id"] for panel in panels()}) == len(places)
