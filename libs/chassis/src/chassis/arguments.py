"""The arguments that a handler may ask for, by name and type.

async def add_members(
    session: Session, principal: Caller, group_id: FromPath[UUID], data: JSONBody[NewMembers]
) -> GroupDocument:
"""

from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.principal import Principal
from chassis.runtime import Runtime

Session = NamedDependency[AsyncSession]
"""`session`: one transaction a write, which the handler never commits; statements of their own for reads."""

Caller = NamedDependency[Principal]
"""`principal`: who asks, on a route that demands a credential."""

Visitor = NamedDependency[Principal | None]
"""`principal` on a public route: who asks, if they said so."""

Process = NamedDependency[Runtime]
"""`runtime`: the process's settings and connections."""

Parameters = NamedDependency
"""`parameters: Parameters[GroupParameters]`: the query parameters that the route declares with `query=`."""

__all__ = ["Caller", "FromPath", "JSONBody", "Parameters", "Process", "Session", "Visitor"]
