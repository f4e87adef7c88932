"""What a profile is, composed from the code that runs."""

from typing import Any
from uuid import UUID

import msgspec
from chassis.runtime import Runtime
from kernel import NotFound
from litestar import Litestar
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import flags
from artifacts.departments.models import Group, GroupPerson
from artifacts.departments.queries import departments
from artifacts.drafts.commands import discard, keep, listed
from artifacts.drafts.models import Draft, DraftVersion
from artifacts.emulations import commands as emulations
from artifacts.emulations.models import Emulation
from artifacts.profiles import activities, drafts, limits, queries, rules
from artifacts.profiles.commands.create import create
from artifacts.profiles.commands.delete import delete, duplicate
from artifacts.profiles.commands.update import update
from artifacts.profiles.models import Profile, ProfileActivity, ProfileRequests, UserRole
from artifacts.roles import highest
from artifacts.texts.commands import made_texts
from artifacts.texts.models import Text
from artifacts.v5 import docs
from artifacts.v5.caching import cache_of
from artifacts.v5.docs_schemas import Docs, DocsApiResponse, DocsResponse, OperationInfo, PageInfo

KEY = "profiles:docs"
TAGS = ("profiles", "docs")
PREFIXES = ("/api/v5/artifacts/profiles", "/api/v5/uploads")
DESCRIPTION = "Somebody as an organization's applications see them: names, addresses, role, departments and limits."
PAGES = DocsApiResponse(
    list=PageInfo(title="Profiles", description="Find people by text, cohorts, departments and roles."),
    detail=PageInfo(title="Profile", description="One person: name, addresses, role, departments and limit."),
    new=PageInfo(title="New profile", description="Fill in the form step by step; it is kept as a draft."),
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
    profile = (
        await session.scalars(select(Profile).where(queries.visible(actor), Profile.id == entity_id))
    ).one_or_none()
    if profile is None:
        raise NotFound
    permissions = [_permission(name, sentence, actor, profile) for name, sentence in rules.OPERATIONS.items()]
    return msgspec.structs.replace(whole, permissions=permissions)


def _whole(app: Litestar) -> Docs:
    return Docs(
        name="profile",
        type="artifact",
        description=DESCRIPTION,
        artifact=docs.part("profile", "artifact", DESCRIPTION, [Profile], (create, update, delete, duplicate)),
        entries=_entries(),
        resources=_resources(),
        permissions=[_permission(name, sentence) for name, sentence in rules.OPERATIONS.items()],
        api_operations=docs.api_operations(app, PREFIXES),
        page_metadata=PAGES,
    )


def _entries() -> list[DocsResponse]:
    acting = (emulations.emulate, emulations.unemulate)
    return [
        docs.part("activities", "entry", "What was done to it.", [ProfileActivity], [activities.note]),
        docs.part("emulations", "entry", "Who acts as whom, until when.", [Emulation], acting),
        docs.part("requests", "entry", "How many requests it made on a day.", [ProfileRequests], [limits.count]),
        docs.part(
            "drafts", "entry", "Forms that were begun.", [Draft, DraftVersion], [drafts.change, keep, listed, discard]
        ),
    ]


def _resources() -> list[DocsResponse]:
    return [
        docs.part("names", "resource", "Names, each once in an organization.", [Text], [made_texts]),
        docs.part("emails", "resource", "Addresses, each once in an organization.", [Text], [made_texts]),
        docs.part("request_limits", "resource", "How many requests a day.", (), [limits.limit_id, limits.limit_of]),
        docs.part("flags", "resource", "Whether the profile is in use.", (), [flags.option]),
        docs.part("departments", "resource", "Divisions of the organization.", [Group, GroupPerson], [departments]),
        docs.part("roles", "resource", "What somebody may, and who says so.", [UserRole], [highest]),
    ]


def _permission(
    name: rules.Operation, sentence: str, actor: Actor | None = None, profile: Profile | None = None
) -> OperationInfo:
    returns: dict[str, Any] = {"type": "boolean"}
    if actor is not None and profile is not None:
        reason = rules.refusal(actor, name, role=profile.role, profile_id=profile.id)
        returns |= {"allowed": reason is None, "disabled_reason": reason}
    params = docs.function_info(rules.refusal).params
    return OperationInfo(name=f"can_{name}", description=sentence, params=params, returns=returns)
