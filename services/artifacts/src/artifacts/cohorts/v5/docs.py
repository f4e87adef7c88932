"""What a cohort is, composed from the code that runs."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import activities, commands, drafts, flags, members, queries, rules
from artifacts.cohorts.models import Cohort, CohortActivity, CohortMember, ProfileCohorts
from artifacts.departments.models import Group, GroupPerson
from artifacts.departments.queries import departments
from artifacts.drafts.commands import discard, keep, listed
from artifacts.drafts.models import Draft, DraftVersion
from artifacts.personas.models import Persona, ProfilePersona
from artifacts.profiles.models import Profile
from artifacts.simulations.models import Simulation, SimulationAvailability, SimulationPosition
from artifacts.texts.commands import made_texts
from artifacts.texts.models import Text
from artifacts.v5 import docs
from artifacts.v5.caching import cache_of
from artifacts.v5.docs_schemas import Docs, DocsApiResponse, DocsResponse, OperationInfo, PageInfo

KEY = "cohorts:docs"
TAGS = ("cohorts", "docs")
PREFIXES = ("/api/v5/artifacts/cohorts", "/api/v5/uploads")
DESCRIPTION = "People who go through the same simulations together, with a name; one record under three dialects."
OPERATIONS = (commands.create, commands.update, commands.delete, commands.duplicate, commands.leave)
PAGES = DocsApiResponse(
    list=PageInfo(title="Cohorts", description="Find cohorts by text, people, simulations and departments."),
    detail=PageInfo(title="Cohort", description="One cohort: its name, people, simulations and when they open."),
    new=PageInfo(title="New cohort", description="Fill in the form step by step; it is kept as a draft."),
)


async def compose(session: AsyncSession, runtime: Runtime, app: Litestar, actor: Actor, entity_id: UUID | None) -> Docs:
    """The description; with an entity, what the actor may do with it. Raises NotFound."""
    cache = cache_of(runtime)
    whole: Docs | None = cache.get(KEY)
    if whole is None:
        whole = _whole(app)
        cache.keep(KEY, whole, TAGS)
    if entity_id is None:
        return whole
    found = await queries.one(session, queries.live(actor.organization_id).where(Cohort.id == entity_id))
    own = await queries.cohorts_with(session, [entity_id], actor.profile_id)
    facts = {"is_member": bool(own), "is_static": found.cohort.is_static}
    permissions = [_permission(name, sentence, actor, facts) for name, sentence in rules.OPERATIONS.items()]
    return msgspec.structs.replace(whole, permissions=permissions)


def _whole(app: Litestar) -> Docs:
    return Docs(
        name="cohort",
        type="artifact",
        description=DESCRIPTION,
        artifact=docs.part("cohort", "artifact", DESCRIPTION, [Cohort], OPERATIONS),
        entries=_entries(),
        resources=_resources(),
        permissions=[_permission(name, sentence) for name, sentence in rules.OPERATIONS.items()],
        api_operations=docs.api_operations(app, PREFIXES),
        page_metadata=PAGES,
    )


def _entries() -> list[DocsResponse]:
    moves = (members.enter, members.replace, members.end)
    return [
        docs.part(
            "members", "entry", "Who is in a cohort, from when until when.", [CohortMember, ProfileCohorts], moves
        ),
        docs.part("activities", "entry", "What was done to it.", [CohortActivity], [activities.note]),
        docs.part(
            "drafts", "entry", "Forms that were begun.", [Draft, DraftVersion], [drafts.change, keep, listed, discard]
        ),
    ]


def _resources() -> list[DocsResponse]:
    make = [made_texts]
    return [
        docs.part("names", "resource", "Names, each once in an organization.", [Text], make),
        docs.part("descriptions", "resource", "Descriptions, each once in an organization.", [Text], make),
        docs.part("flags", "resource", flags.DESCRIPTION, (), [flags.option]),
        docs.part("departments", "resource", "Divisions of the organization.", [Group, GroupPerson], [departments]),
        docs.part("simulations", "resource", "What a cohort goes through.", [Simulation]),
        docs.part("simulation_positions", "resource", "The order of simulations.", [SimulationPosition]),
        docs.part("simulation_availability", "resource", "When they open and close.", [SimulationAvailability]),
        docs.part("profiles", "resource", "The people.", [Profile]),
        docs.part("personas", "resource", "Parts that people play.", [Persona]),
        docs.part("profile_personas", "resource", "Who plays which part.", [ProfilePersona]),
    ]


def _permission(
    name: rules.Operation, sentence: str, actor: Actor | None = None, facts: dict[str, bool] | None = None
) -> OperationInfo:
    returns: dict[str, Any] = {"type": "boolean"}
    if actor is not None:
        reason = rules.refusal(actor, name, **(facts or {}))
        returns |= {"allowed": reason is None, "disabled_reason": reason}
    params = docs.function_info(rules.refusal).params
    return OperationInfo(name=f"can_{name}", description=sentence, params=params, returns=returns)
