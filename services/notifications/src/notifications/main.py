"""The notifications service."""

from typing import Any

from chassis.app import build
from kernel import load
from litestar import Litestar

from notifications import consumers, worker
from notifications.notifications.listening import wake_listeners
from notifications.routes_index import ROUTES
from notifications.settings import Settings
from notifications.url_shorteners.counting import count_redirects


def create_app(settings: Settings | None = None, **options: Any) -> Litestar:
    """The service as an application."""
    return build(
        "notifications",
        settings or load(Settings),
        routes=ROUTES,
        consumers=consumers.table,
        background=worker.background,
        tasks=[count_redirects, wake_listeners],
        **options,
    )
