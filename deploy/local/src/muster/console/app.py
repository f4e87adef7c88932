"""The console's server: pages and JSON on one loopback port, traces taken on the same, mail taken over SMTP."""

import asyncio
import contextlib
import datetime as dt
import gzip
import zlib
from collections.abc import AsyncGenerator, Awaitable, Callable
from importlib import resources
from typing import Any

import jinja2
from aiohttp import web

from muster import state
from muster.console import mailbox as mailboxes
from muster.console.mailbox import Mailbox
from muster.console.traces import Store
from muster.errors import RunnerError
from muster.home import Home
from muster.ports import HOST

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; frame-ancestors 'none'"
MAIL_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
LOCAL_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
BATCH_BYTES = 16 * 1024 * 1024

HOME: web.AppKey[Home] = web.AppKey("home", Home)
MAIL: web.AppKey[Mailbox] = web.AppKey("mail", Mailbox)
SPANS: web.AppKey[Store] = web.AppKey("spans", Store)
PAGES: web.AppKey[jinja2.Environment] = web.AppKey("pages", jinja2.Environment)
NAMES: web.AppKey[frozenset[str]] = web.AppKey("names", frozenset)

routes = web.RouteTableDef()


def application(home: Home, spans: Store, names: frozenset[str] = LOCAL_NAMES) -> web.Application:
    """The pages and the OTLP receiver, under the host names given."""
    pages = jinja2.Environment(
        loader=jinja2.PackageLoader("muster.console"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    pages.filters["clock"] = clock
    app = web.Application(middlewares=[only_local], client_max_size=BATCH_BYTES)
    app[NAMES] = names
    app[HOME], app[MAIL], app[SPANS], app[PAGES] = home, Mailbox(home.folder("mail")), spans, pages
    app.add_routes(routes)
    return app


@contextlib.asynccontextmanager
async def console(
    home: Home, ports: dict[str, int], host: str = HOST, names: frozenset[str] = LOCAL_NAMES
) -> AsyncGenerator[None]:
    """Run the console and the SMTP server as long as the block lasts. Raises RunnerError for a taken port."""
    spans = Store(home.folder("traces"))
    app = application(home, spans, names)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, ports["console"]).start()
        smtp = await mailboxes.listen(app[MAIL], host, ports["smtp"])
    except OSError as error:
        await runner.cleanup()
        raise RunnerError(f"the console can't listen: {error.strerror}; start again") from error
    try:
        yield
    finally:
        smtp.close()
        await runner.cleanup()
        spans.close()


def clock(seconds: float) -> str:
    """A Unix time as a clock shows it, in UTC."""
    return dt.datetime.fromtimestamp(seconds, dt.UTC).strftime("%H:%M:%S")


@web.middleware
async def only_local(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse a request for another host's name: a page elsewhere could have pointed its own name here."""
    if request.host.rsplit(":", 1)[0] not in request.app[NAMES]:
        raise web.HTTPForbidden(text="only for this machine\n")
    response = await handler(request)
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def page(request: web.Request, name: str, **values: Any) -> web.Response:
    """One page from its template."""
    text = request.app[PAGES].get_template(name).render(**values)
    return web.Response(text=text, content_type="text/html")


@routes.get("/")
async def overview(request: web.Request) -> web.Response:
    """The processes and the addresses."""
    return page(request, "overview.html", state=state.read(request.app[HOME]))


@routes.get("/console.css")
async def style(_request: web.Request) -> web.Response:
    """The one style sheet."""
    text = resources.files("muster.console").joinpath("templates/console.css").read_text("utf-8")
    return web.Response(text=text, content_type="text/css")


@routes.get("/mail")
async def mails(request: web.Request) -> web.Response:
    """The newest mails."""
    to = request.query.get("to", "")
    found = await asyncio.to_thread(request.app[MAIL].newest, to)
    return page(request, "mails.html", mails=found, to=to)


@routes.get("/mail.json")
async def mails_as_json(request: web.Request) -> web.Response:
    """The newest mails, whole; `to` keeps those to one address."""
    found = await asyncio.to_thread(request.app[MAIL].newest, request.query.get("to", ""))
    return web.json_response(found)


@routes.get("/mail/{id}")
async def mail(request: web.Request) -> web.Response:
    """One mail."""
    found = await asyncio.to_thread(request.app[MAIL].read, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(text="no such mail\n")
    return page(request, "mail.html", mail=found)


@routes.get("/mail/{id}/html")
async def mail_html(request: web.Request) -> web.Response:
    """A mail's HTML part, for the sandboxed frame of its page: no scripts, nothing loaded from elsewhere."""
    found = await asyncio.to_thread(request.app[MAIL].read, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(text="no such mail\n")
    return web.Response(text=found["html"], content_type="text/html", headers={"Content-Security-Policy": MAIL_POLICY})


@routes.post("/v1/traces")
async def take_spans(request: web.Request) -> web.Response:
    """Take one batch of spans (OTLP/HTTP, protobuf; gzip may wrap it, which aiohttp undoes)."""
    if request.content_type != "application/x-protobuf":
        raise web.HTTPUnsupportedMediaType(text="send application/x-protobuf\n")
    try:
        batch = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and batch[:2] == b"\x1f\x8b":
            batch = gzip.decompress(batch)
    except (zlib.error, OSError, EOFError) as error:
        raise web.HTTPBadRequest(text="the body is not gzip\n") from error
    with contextlib.suppress(OSError):  # a full disk loses traces, nothing else
        request.app[SPANS].add(batch)
    return web.Response(content_type="application/x-protobuf")


@routes.get("/traces")
async def traces(request: web.Request) -> web.Response:
    """The newest traces."""
    return page(request, "traces.html", traces=await asyncio.to_thread(request.app[SPANS].newest))


@routes.get("/traces/{id}.json")
async def trace_as_json(request: web.Request) -> web.Response:
    """One trace as a tree."""
    found = await asyncio.to_thread(request.app[SPANS].read, request.match_info["id"])
    if found is None:
        return web.json_response({"error": "no such trace"}, status=404)
    return web.json_response(found)


@routes.get("/traces/{id}")
async def trace(request: web.Request) -> web.Response:
    """One trace as a tree, each span a bar on the trace's time."""
    found = await asyncio.to_thread(request.app[SPANS].read, request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound(text="no such trace\n")
    rows = list(flatten(found["roots"]))
    begin = min(row["start"] for row in rows)
    total = max(1e-6, *(row["start"] - begin + row["milliseconds"] / 1000 for row in rows))
    services = sorted({row["service"] for row in rows})
    for row in rows:
        row["x"] = round((row["start"] - begin) / total * 1000, 1)
        row["width"] = max(round(row["milliseconds"] / 10 / total * 10, 1), 2)
        row["colour"] = services.index(row["service"]) % 8
    return page(request, "trace.html", trace=found, rows=rows, services=services, milliseconds=total * 1000)


def flatten(nodes: list[dict[str, Any]], depth: int = 0) -> list[dict[str, Any]]:
    """The spans of a tree in the order of reading, each with its depth."""
    rows: list[dict[str, Any]] = []
    for node in nodes:
        rows.append({**node, "depth": depth})
        rows += flatten(node["children"], depth + 1)
    return rows
