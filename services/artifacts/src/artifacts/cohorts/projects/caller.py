"""Who calls about which project."""

from chassis.principal import Principal
from chassis.runtime import Runtime
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import actors
from artifacts.actors import Actor
from artifacts.cohorts.models import Cohort
from artifacts.cohorts.projects import queries
from artifacts.organizations.queries import project

PATH = "/api/projects/{project_id:str}/cohorts"
ONE = f"{PATH}/{{cohort_id:int}}"
READ, WRITE, ACTIVITY = "cohort:read", "cohort:write", "activity_log:read"
TAGS = ["Cohorts (projects)"]


async def staff(session: AsyncSession, principal: Principal, project_id: str) -> Actor:
    """The caller in the organization that a project is; they are staff of it. Raises Forbidden, NotFound."""
    return await actors.staff(session, principal, await project(session, principal, project_id))


async def cohort_of(session: AsyncSession, principal: Principal, project_id: str, number: int) -> Cohort:
    """A project's cohort, for staff of the organization. Raises Forbidden, NotFound."""
    actor = await staff(session, principal, project_id)
    return (await queries.one(session, actor.organization_id, number)).cohort


def address(runtime: Runtime, project_id: str, rest: str = "") -> str:
    """The absolute address of a project's cohorts, or of something below."""
    return f"{runtime.common.public_url}/api/projects/{project_id}/cohorts/{rest}"
