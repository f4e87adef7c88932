"""The `muster` command."""

import asyncio
import importlib
import json
import shlex
import sys
from pathlib import Path
from typing import Any

import aiohttp
import click

from muster import events, launch, migrations, reports, state
from muster import home as homes
from muster import service as services
from muster.errors import RunnerError
from muster.services import SERVICES

console = reports.plain_console()


@click.group()
@click.version_option(package_name="muster-local")
def cli() -> None:
    """Run Muster on this machine: real PostgreSQL, NATS and Envoy, nothing but Python needed.

    Data, secrets and logs stand in $MUSTER_HOME (.muster); the gateway listens on $MUSTER_PORT (8080).
    """


def main() -> None:
    """Run the command; a fault that the reader can mend is one line and status 1."""
    try:
        cli(standalone_mode=False)
    except RunnerError as error:
        click.echo(f"muster: {error}", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


@cli.command()
def up() -> None:
    """Start everything; returns when all of it is healthy."""
    home = homes.locate()
    told: set[str] = set()

    def tell(record: dict[str, Any]) -> None:
        if "phase" not in record:
            click.echo(record["message"], err=True)
        for name, part in record.get("components", {}).items():
            if part["state"] == "healthy" and name not in told:
                told.add(name)
                click.echo(f"  {name} is healthy", err=True)

    started = launch.up(home, tell)
    console.print("Muster is up." if started else "Muster is already up.")
    console.print(reports.address_table(home))


@cli.command()
def down() -> None:
    """Stop everything, the gateway first; data stay."""
    console.print("Muster is down." if launch.down(homes.locate()) else "Muster was not up.")


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(*, as_json: bool) -> None:
    """Show every process, its health and memory. Ends with 0 if all is healthy, else 1."""
    shown = reports.status(homes.locate())
    if as_json:
        click.echo(json.dumps(shown, indent=2))
    else:
        console.print(reports.status_table(shown))
        if shown["message"]:
            console.print(shown["message"])
    sys.exit(0 if shown["healthy"] else 1)


@cli.command()
@click.argument("name", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on as lines are written.")
@click.option("-n", "--lines", default=50, show_default=True, help="So many lines of each log first.")
def logs(name: str | None, lines: int, *, follow: bool) -> None:
    """Show the log of one process, or of all."""
    folder = homes.locate().path / "logs"
    known = {path.stem: path for path in sorted(folder.glob("*.log"))} if folder.exists() else {}
    if name is not None and name not in known:
        raise RunnerError(f"there is no log of {name!r}; there are: {', '.join(known) or 'none'}")
    chosen = {name: known[name]} if name else known
    for one, path in chosen.items():
        for line in reports.tail(path, lines):
            click.echo(line if name else f"{one:14} {line}")
    if follow:
        for one, line in reports.follow(chosen):
            click.echo(line if name else f"{one:14} {line}")


@cli.command()
@click.argument("name")
def restart(name: str) -> None:
    """End one process gracefully; the supervisor starts it again."""
    record = launch.running(homes.locate())
    process = state.find(record["components"].get(name))
    if process is None:
        raise RunnerError(f"{name!r} does not run; there are: {', '.join(record['components'])}")
    process.terminate()


@cli.command()
@click.argument("name", type=click.Choice(SERVICES))
def env(name: str) -> None:
    """Print one service's variables, for `eval "$(muster env orgs)"` before running it by hand."""
    home = homes.locate()
    ports = launch.running(home)["ports"]
    variables = services.environment(name, ports, homes.load_secrets(home), homes.load_admin(home), home)
    for key, value in variables.items():
        click.echo(f"export {key}={shlex.quote(value)}")


@cli.command()
def migrate() -> None:
    """Migrate the databases of a running platform."""
    from muster.component import run_once  # noqa: PLC0415 - only here

    home = homes.locate()
    ports, secrets, admin = launch.running(home)["ports"], homes.load_secrets(home), homes.load_admin(home)
    for name in SERVICES:
        variables = services.environment(name, ports, secrets, admin, home)
        if asyncio.run(migrations.needed(name, variables["MUSTER_DATABASE_URL"])):
            asyncio.run(run_once(home, f"{name}-migrate", services.command(name, "migrate"), variables))
        console.print(f"{name} is at its newest schema")


@cli.command()
@click.argument("trace_id")
def trace(trace_id: str) -> None:
    """Show one trace as a tree; its id stands in each answer's x-trace-id."""
    url = f"{launch.running(homes.locate())['urls']['console']}/traces/{trace_id}.json"
    found = asyncio.run(fetch_json(url))
    if found is None:
        raise RunnerError(f"no span of trace {trace_id} is kept (spans arrive a few seconds late)")
    console.print(reports.trace_tree(found))


async def fetch_json(url: str) -> Any:
    """A JSON document; None for 404. Raises RunnerError when nobody answers."""
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.json() if answer.status == 200 else None  # noqa: PLR2004 - OK
    except (OSError, aiohttp.ClientError) as error:
        raise RunnerError(f"{url} does not answer: {error}") from error


@cli.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to a file.")
def openapi(out: Path | None) -> None:
    """Print the merged OpenAPI document of the five running services."""
    from muster.gateway import openapi as documents  # noqa: PLC0415 - only here

    ports = launch.running(homes.locate())["ports"]

    async def merged() -> dict[str, Any]:
        async with aiohttp.ClientSession() as session:
            addresses = {name: f"http://127.0.0.1:{ports[name]}" for name in SERVICES}
            return documents.merge(await documents.fetch(session, addresses))

    text = json.dumps(asyncio.run(merged()), indent=2) + "\n"
    if out:
        out.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)


@cli.command()
def demo() -> None:
    """Go through the whole journey on the running platform, step by step."""
    launch.running(homes.locate())
    sys.exit(importlib.import_module("muster.demo").run())


for command in (events.audit, events.events, events.dlq):
    cli.add_command(command)


if __name__ == "__main__":
    main()
