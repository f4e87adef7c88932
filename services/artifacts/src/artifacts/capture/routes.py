"""Where applications send their events: the paths that PostHog's SDKs know."""

from typing import Any

from chassis.arguments import Process
from contracts.permissions import PUBLIC
from jsonapi import post
from litestar import Request

from artifacts.capture import commands
from artifacts.capture.bodies import LARGEST_BODY
from artifacts.capture.schemas import Capturing

TAGS = ["Capture"]
OPTIONS: dict[str, Any] = {
    "permission": PUBLIC,
    "reads": True,
    "status": 200,
    "request_max_body_size": LARGEST_BODY,
    "tags": TAGS,
}


@post("/batch", operation_id="captureBatch", **OPTIONS)
async def batch(request: Request[Any, Any, Any], runtime: Process) -> Capturing:
    """Take a batch of events: `{"api_key": …, "batch": [{"event", "distinct_id", "properties", "timestamp"}, …]}`."""
    return await _taken(request, runtime)


@post("/capture", operation_id="captureEvent", **OPTIONS)
async def capture(request: Request[Any, Any, Any], runtime: Process) -> Capturing:
    """Take one event, a list of events or a batch, as JSON, gzip, or a form with base64 in `data`."""
    return await _taken(request, runtime)


@post("/i/v0/e", operation_id="captureFromApplication", **OPTIONS)
async def capture_from_application(request: Request[Any, Any, Any], runtime: Process) -> Capturing:
    """Take events as `/capture/` does: the path that applications use today."""
    return await _taken(request, runtime)


@post("/e", operation_id="captureFromBrowser", **OPTIONS)
async def capture_from_browser(request: Request[Any, Any, Any], runtime: Process) -> Capturing:
    """Take events as `/capture/` does: the path that browsers use."""
    return await _taken(request, runtime)


async def _taken(request: Request[Any, Any, Any], runtime: Any) -> Capturing:
    encoding = request.headers.get("content-encoding", "")
    return await commands.capture(runtime, await request.body(), encoding, dict(request.query_params))


ROUTES = [batch, capture, capture_from_application, capture_from_browser]
