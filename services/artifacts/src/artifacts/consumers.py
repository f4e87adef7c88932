"""Other contexts' events and what they cause here."""

from collections.abc import Awaitable, Callable
from typing import Any

from chassis import erasure
from chassis.runtime import Runtime
from contracts.orgs import (
    AggregationRequested,
    GroupCreated,
    GroupDeleted,
    GroupMoved,
    GroupPeopleChanged,
    GroupUpdated,
    OrganizationCreated,
    OrganizationUpdated,
)
from messaging import Consumers, Handler, Meta
from sqlalchemy.ext.asyncio import AsyncSession

import artifacts.aggregations.commands as aggregations
import artifacts.departments.commands as departments
import artifacts.organizations.commands as organizations
from artifacts.events import platform
from artifacts.profiles import consumers as profiles


def table(runtime: Runtime) -> Consumers:
    """The consumers of a process."""
    return {
        **erasure.consumers("artifacts"),
        **profiles.table(runtime),
        **platform.table,
        AggregationRequested: _just(aggregations.report),
        OrganizationCreated: _just(organizations.create),
        OrganizationUpdated: _just(organizations.change),
        GroupCreated: _just(departments.create),
        GroupUpdated: _just(departments.change),
        GroupMoved: _just(departments.move),
        GroupDeleted: _just(departments.remove),
        GroupPeopleChanged: on_group_people_changed,
    }


def _just(command: Callable[[AsyncSession, Any], Awaitable[None]]) -> Handler:
    """A command that needs nothing but the event."""

    async def handle(session: AsyncSession, event: Any, _: Meta) -> None:
        await command(session, event)

    return handle


async def on_group_people_changed(session: AsyncSession, event: GroupPeopleChanged, meta: Meta) -> None:
    """People came into a group or left it: their departments may be others, and they did something."""
    await departments.change_people(session, event)
    await platform.moved(session, event, meta)
