"""`python -m muster.supervisor`: starts the platform in order of health, keeps it well, stops it in order."""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from muster import envoy, files, migrations, nats, ports, postgres, service, state
from muster import home as homes
from muster.component import Component, end, exited, run_once, spawn, start, stop
from muster.console import console
from muster.errors import RunnerError
from muster.gateway import openapi
from muster.home import Home
from muster.services import SERVICES

SICK_CHECKS = 5
"""So many failed checks in a row, two seconds apart, and a process that is alive is restarted."""
ORDER = ("postgres", "nats", *SERVICES, "gateway")
LOG_BYTES = 16 * 1024 * 1024

logger = logging.getLogger("muster")


@dataclass
class Platform:
    """All that one supervisor holds."""

    home: Home
    session: aiohttp.ClientSession
    ports: dict[str, int]
    secrets: dict[str, Any]
    admin: dict[str, str]
    phase: str = "starting"
    message: str = ""
    components: list[Component] = field(default_factory=list)
    watchers: list[asyncio.Task[None]] = field(default_factory=list)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def changed(self) -> None:
        """Write the state for the commands to read."""
        components: dict[str, dict[str, Any]] = {}
        for part in sorted(self.components, key=lambda part: ORDER.index(part.name)):
            known = state.identify(part.process.pid) if part.process and not exited(part) else {"pid": None}
            components[part.name] = {**known, "state": part.state, "port": part.port, "restarts": part.restarts}
        address = f"http://{ports.HOST}"
        urls = {
            "gateway": f"{address}:{self.ports['gateway']}",
            "docs": f"{address}:{self.ports['gateway']}/docs",
            "mail": f"{address}:{self.ports['console']}/mail",
            "traces": f"{address}:{self.ports['console']}/traces",
            "console": f"{address}:{self.ports['console']}",
        }
        record = {
            "phase": self.phase,
            "message": self.message,
            "supervisor": state.identify(os.getpid()),
            "urls": urls,
            "ports": self.ports,
            "components": components,
        }
        with contextlib.suppress(OSError):  # a full disk must not end the supervisor
            files.write_json(self.home.state_file, record)


async def bring_up(platform: Platform) -> None:
    """Start everything: servers, migrations and services, the gateway."""
    numbers = platform.ports
    await together(launch_database(platform), launch_broker(platform))
    await together(*(launch_service(platform, name) for name in SERVICES))
    await openapi.collect(platform.session, {name: numbers[name] for name in SERVICES}, platform.home)
    await launch(platform, envoy.component(platform.home, platform.session, numbers))


async def together(*jobs: Awaitable[None]) -> None:
    """Run at once; the first failure ends the others."""
    tasks = [asyncio.ensure_future(job) for job in jobs]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def launch(platform: Platform, component: Component) -> None:
    """Start one process, wait until it is ready, and watch it from then on."""
    platform.components.append(component)
    await start(platform.home, component, platform.changed)
    platform.watchers.append(asyncio.create_task(watch(platform, component)))


async def launch_database(platform: Platform) -> None:
    """Start PostgreSQL; make what roles and databases are missing."""
    secrets, port = platform.secrets, platform.ports["postgres"]
    database = await asyncio.to_thread(postgres.component, platform.home, port, secrets["postgres"])
    await launch(platform, database)
    await postgres.make_databases(port, secrets["postgres"], secrets["databases"])


async def launch_broker(platform: Platform) -> None:
    """Write the NATS users, then start the server."""
    await nats.configure(platform.home, platform.ports, platform.secrets["nats"])
    await launch(platform, nats.component(platform.home, platform.session, platform.ports))


async def launch_service(platform: Platform, name: str) -> None:
    """Migrate a service's database, then start the service."""
    variables = service.environment(name, platform.ports, platform.secrets, platform.admin, platform.home)
    if await migrations.needed(name, variables["MUSTER_DATABASE_URL"]):
        await run_once(platform.home, f"{name}-migrate", service.command(name, "migrate"), variables)
    await launch(platform, service.component(name, platform.session, platform.ports, variables))


async def watch(platform: Platform, component: Component) -> None:
    """Restart what died, after a short and growing pause, and what is alive but sick."""
    sick, pause, checked = 0, 0.2, 0.0
    while True:
        if exited(component):
            status = component.process.returncode if component.process else None
            logger.warning("%s ended with status %s; restarting in %.1f s", component.name, status, pause)
            component.state = "restarting"
            platform.changed()
            await asyncio.sleep(pause)
            pause, sick = min(pause * 2, 5.0), 0
            component.restarts += 1
            spawn(platform.home, component)
            platform.changed()
        elif time.monotonic() - checked > (0.2 if component.state == "starting" else 2):
            checked = time.monotonic()
            sick = await examine(platform, component, sick)
            if sick >= SICK_CHECKS:
                logger.warning("%s is alive but not well; restarting it", component.name)
                await end(component, patience=3)
            elif component.state == "healthy" and checked - component.since > 30:  # noqa: PLR2004 - seconds well
                pause = 0.2
        await asyncio.sleep(0.1)


async def examine(platform: Platform, component: Component, sick: int) -> int:
    """Check one process; answers how many checks in a row have failed."""
    starting = component.state == "starting"
    well = await (component.ready if starting else component.alive)()
    counts = not starting or time.monotonic() - component.since > component.start_seconds
    now = "healthy" if well else ("unhealthy" if counts else component.state)
    if now != component.state:
        component.state = now
        platform.changed()
    return 0 if well or not counts else sick + 1


async def tidy(platform: Platform) -> None:
    """Keep each log below its size: what it holds moves to NAME.log.1."""
    while True:
        for component in platform.components:
            log = platform.home.log(component.name)
            with contextlib.suppress(OSError):
                if log.stat().st_size > LOG_BYTES:
                    # copied and cut, for the process keeps its file open; it appends, so the cut is safe
                    log.with_suffix(".log.1").write_bytes(log.read_bytes())
                    log.write_bytes(b"")
        await asyncio.sleep(10)


async def take_down(platform: Platform) -> None:
    """Stop in order: the gateway drains first, the servers go last."""
    platform.phase = "stopping"
    platform.changed()
    for task in platform.watchers:
        task.cancel()
    await asyncio.gather(*platform.watchers, return_exceptions=True)
    for wave in ({"gateway"}, set(SERVICES), {"nats", "postgres"}):
        await asyncio.gather(*(stop(part) for part in platform.components if part.name in wave))
        platform.changed()


async def supervise(home: Home) -> int:
    """Run the platform until a signal; answers the exit status."""
    secrets, admin, numbers = homes.load_secrets(home), homes.load_admin(home), ports.allocate(home)
    async with aiohttp.ClientSession() as session, console(home, numbers):
        platform = Platform(home, session, numbers, secrets, admin)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, platform.stopping.set)
        rise = asyncio.create_task(bring_up(platform))
        stop_wanted = asyncio.create_task(platform.stopping.wait())
        await asyncio.wait({rise, stop_wanted}, return_when=asyncio.FIRST_COMPLETED)
        failed = rise.exception() if rise.done() else None
        if rise.done() and failed is None:
            platform.phase = "running"
            platform.changed()
            platform.watchers.append(asyncio.create_task(tidy(platform)))
            await stop_wanted
        elif failed is not None:
            logger.error("%s", failed, exc_info=None if isinstance(failed, RunnerError) else failed)
            platform.message = str(failed) or type(failed).__name__
        rise.cancel()
        await asyncio.gather(rise, return_exceptions=True)
        stop_wanted.cancel()
        await take_down(platform)
        platform.phase = "failed" if platform.message else "stopped"
        platform.changed()
        return 1 if platform.message else 0


def main() -> int:
    """Take the home, end what a killed supervisor left there, and supervise."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stdout)
    home = homes.locate()
    held = state.lock(home)
    if held is None:
        return 0  # another one was a moment faster
    try:
        left = state.stop_orphans(home)
        if left:
            logger.warning("stopped %d processes that an earlier supervisor left behind", left)
        return asyncio.run(supervise(home))
    except (RunnerError, OSError) as error:
        logger.exception("the platform could not be started")
        record = {"phase": "failed", "message": str(error), "supervisor": state.identify(os.getpid())}
        with contextlib.suppress(OSError):
            files.write_json(home.state_file, record)
        return 1
    finally:
        held.close()


if __name__ == "__main__":
    sys.exit(main())
