"""The commands for those who look after events: `muster audit`, `muster events` and `muster dlq`."""

import asyncio
import datetime as dt
import json
import re
import sys
from collections.abc import Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
import click
from rich.table import Table

from muster import home as homes
from muster import launch, reports
from muster.errors import RunnerError
from muster.ports import HOST
from muster.services import SERVICES

if TYPE_CHECKING:  # messaging takes two seconds to import: only the commands that need it pay for that
    from messaging.audit import Report
    from messaging.dead_letters import Parked
    from nats.aio.client import Client

T = TypeVar("T")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
chosen_service = click.option("--service", type=click.Choice(SERVICES), help="Only this service.")


class Since(click.ParamType[dt.datetime]):
    """A time (RFC 3339, UTC where no offset is given), or how long ago: 90s, 10m, 2h, 7d."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The time as a datetime with an offset."""
        if ago := re.fullmatch(r"(\d{1,6})([smhd])", value):
            return dt.datetime.now(dt.UTC) - dt.timedelta(seconds=int(ago[1]) * UNITS[ago[2]])
        try:
            time = dt.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a time (2026-01-31T12:00:00Z) nor a span (90s, 10m, 2h, 7d)", param, ctx)
        return time if time.tzinfo else time.replace(tzinfo=dt.UTC)


def databases() -> dict[str, str]:
    """The address of each service's database on the running platform."""
    home = homes.locate()
    port, passwords = launch.running(home)["ports"]["postgres"], homes.load_secrets(home)["databases"]
    return {name: f"postgresql://{name}:{passwords[name]}@{HOST}:{port}/{name}" for name in SERVICES}


def broker() -> tuple[str, str, str]:
    """Address, user and password of the operator on the running platform's NATS."""
    home = homes.locate()
    port = launch.running(home)["ports"]["nats"]
    return f"nats://{HOST}:{port}", "operator", homes.load_secrets(home)["nats"]["operator"]


def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end. Raises RunnerError where a server does not answer."""
    import nats.errors  # noqa: PLC0415 - see above
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - see above

    try:
        return asyncio.run(work)
    except (OSError, TimeoutError, nats.errors.Error, asyncpg.PostgresError, SQLAlchemyError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise RunnerError(f"a server does not give what was asked ({reason}): see `muster status`") from error


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--settle", default=10.0, show_default=True, help="Seconds that findings may take to go away.")
def audit(*, as_json: bool, settle: float) -> None:
    """Compare outboxes, streams and inboxes, and count the audit trail.

    Ends with 0 if nothing is missing, doubled or late, else 1.
    """
    import msgspec  # noqa: PLC0415 - see above
    from messaging.audit import audit as look  # noqa: PLC0415 - see above

    report = finish(look(databases(), *broker(), settle=settle))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(report), indent=2))
    else:
        show_report(report)
    sys.exit(0 if report.ok else 1)


def show_report(report: "Report") -> None:
    """The findings as a table, and a sentence."""
    rows = report.rows()
    if rows:
        print_table(("", "service", "kind", "what"), rows)
    counts = ", ".join(f"{report.counts.get(name, 0)} {name}" for name in ("events", "effects", "acts"))
    verdict = "nothing is missing, doubled or out of order" if report.ok else "see above"
    click.echo(f"{counts}: {verdict} ({report.seconds:.1f} s)")


@click.group()
def events() -> None:
    """Publish events again."""


@events.command()
@click.option("--since", type=Since(), required=True, help="A time, or how long ago: 90s, 10m, 2h, 7d.")
@chosen_service
def republish(since: dt.datetime, service: str | None) -> None:
    """Publish again what the outboxes hold since a time; readers pass over what they have applied."""
    for name, count in finish(publish_again(since, [service] if service else list(SERVICES))).items():
        click.echo(f"{name}: {count} events published again")


async def publish_again(since: dt.datetime, services: list[str]) -> dict[str, int]:
    """How many events each service's outbox gave."""
    from messaging.republish import republish as again  # noqa: PLC0415 - see above

    addresses, client = databases(), await operator()
    try:
        return {name: (await again(addresses[name], client, since=since)).count for name in services}
    finally:
        await client.close()


async def operator() -> "Client":
    """A connection to NATS that may do everything within the platform."""
    from messaging.connection import connect  # noqa: PLC0415 - see above

    return await asyncio.wait_for(connect(*broker(), "muster"), 10)


@click.group()
def dlq() -> None:
    """Look after events that were put aside because they could not be handled."""


@dlq.command("list")
@chosen_service
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_parked(service: str | None, *, as_json: bool) -> None:
    """List parked events, in the order in which a retry takes them."""
    import msgspec  # noqa: PLC0415 - see above

    found = finish(parked([service] if service else list(SERVICES)))
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(found), indent=2))
        return
    columns = ("event", "reader", "aggregate", "version", "reason", "error")
    if found:
        print_table(columns, [row(one) for one in found])
    click.echo(f"{len(found)} events are parked")


def row(one: "Parked") -> tuple[str, ...]:
    """One parked event as a line of the table."""
    aggregate = f"{one.aggregate_type} {one.aggregate_id}"
    return str(one.event_id), one.consumer, aggregate, str(one.aggregate_version), one.reason, one.error


async def parked(services: list[str]) -> list["Parked"]:
    """The parked events of some services' databases."""
    from messaging import dead_letters  # noqa: PLC0415 - see above

    return [one for name in services for one in await in_database(name, dead_letters.list_parked)]


async def in_database(service: str, read: Any) -> Any:
    """What `read` finds in a session on one service's database."""
    from database import engine, session_maker  # noqa: PLC0415 - see above

    made = engine(databases()[service], "muster")
    try:
        async with session_maker(made)() as session:
            return await read(session)
    finally:
        await made.dispose()


@dlq.command()
@click.argument("event_id", type=click.UUID)
def show(event_id: UUID) -> None:
    """Show one parked event with all that arrived."""
    import msgspec  # noqa: PLC0415 - see above

    found = finish(find(event_id))
    if not found:
        raise RunnerError(f"event {event_id} is not parked")
    click.echo(json.dumps(msgspec.to_builtins(found), indent=2))


async def find(event_id: UUID) -> list["Parked"]:
    """The event wherever it is parked: several readers may have put it aside."""
    from messaging import dead_letters  # noqa: PLC0415 - see above

    show_it = partial(dead_letters.show, event_id=event_id)
    found = [await in_database(name, show_it) for name in SERVICES]
    return [one for one in found if one]


@dlq.command()
@chosen_service
@click.option("--aggregate", nargs=2, metavar="TYPE ID", help="Only this aggregate.")
@click.option("--skip", is_flag=True, help="Pass over the oldest event of each aggregate first.")
def retry(service: str | None, aggregate: tuple[str, str] | None, *, skip: bool) -> None:
    """Have the services apply their parked events, in order."""
    if skip and not aggregate:
        raise RunnerError("--skip loses an event: say of which aggregate with --aggregate TYPE ID")
    failed = False
    for name in [service] if service else SERVICES:
        count, error = finish(ask(name, aggregate or (None, None), skip=skip))
        failed = failed or bool(error)
        click.echo(f"{name}: {error or f'{count} events applied'}")
    sys.exit(1 if failed else 0)


async def ask(service: str, aggregate: tuple[str | None, str | None], *, skip: bool) -> tuple[int, str | None]:
    """One running service's answer: how many events it applied, or the error that it met."""
    from messaging.control import RetryWanted, ask_retry  # noqa: PLC0415 - see above

    client = await operator()
    try:
        wanted = RetryWanted(aggregate_type=aggregate[0], aggregate_id=aggregate[1], skip=skip)
        answer = await ask_retry(client, service, wanted)
        return answer.count, answer.error
    finally:
        await client.close()


def print_table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """A table that fits what it holds."""
    table = Table(*columns)
    for row in rows:
        table.add_row(*row)
    reports.plain_console().print(table)
