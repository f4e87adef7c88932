"""The artifacts service."""

from typing import Any

from chassis.app import build
from kernel import load
from litestar import Litestar

from artifacts import consumers, worker
from artifacts.capture.routes import ROUTES as CAPTURE
from artifacts.capture.tokens.routes import ROUTES as CAPTURE_TOKENS
from artifacts.cohorts.learning.routes import ROUTES as LEARNING_COHORTS
from artifacts.cohorts.projects.routes import ROUTES as PROJECT_COHORTS
from artifacts.cohorts.v5.routes import ROUTES as COHORTS
from artifacts.mcp.routes import ROUTES as MCP
from artifacts.personas.v5.routes import ROUTES as PERSONAS
from artifacts.profiles.v5.routes import ROUTES as PROFILES
from artifacts.settings import Settings
from artifacts.simulations.v5.routes import ROUTES as SIMULATIONS
from artifacts.uploads.routes import ROUTES as UPLOADS

ROUTES = [
    *COHORTS,
    *SIMULATIONS,
    *PERSONAS,
    *UPLOADS,
    *PROFILES,
    *PROJECT_COHORTS,
    *LEARNING_COHORTS,
    *MCP,
    *CAPTURE,
    *CAPTURE_TOKENS,
]


def create_app(settings: Settings | None = None, **options: Any) -> Litestar:
    """The service as an application."""
    return build(
        "artifacts",
        settings or load(Settings),
        routes=ROUTES,
        consumers=consumers.table,
        background=worker.background,
        **options,
    )
