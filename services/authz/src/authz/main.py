"""The authz service."""

from typing import Any

from chassis.app import build
from kernel import load
from litestar import Litestar

from authz import worker
from authz.follow import follow_streams, load_index
from authz.routes_index import ROUTES
from authz.settings import Settings


def create_app(settings: Settings | None = None, **options: Any) -> Litestar:
    """Answers who may do what, from an index in this process's memory."""
    return build(
        "authz",
        settings or load(Settings),
        routes=ROUTES,
        on_start=[load_index],
        tasks=[follow_streams],
        consumers=worker.consumers,
        background=worker.background,
        **options,
    )
