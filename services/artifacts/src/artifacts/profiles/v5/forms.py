"""A profile as a form of the v5 dialect."""

from collections.abc import Container, Sequence
from typing import Any
from uuid import UUID

import msgspec
from kernel import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.cohorts import flags
from artifacts.departments.queries import departments
from artifacts.drafts import commands as drafts
from artifacts.drafts.models import Draft
from artifacts.matching import among
from artifacts.profiles import limits, queries, rules
from artifacts.profiles.drafts import KIND, Form, form_of
from artifacts.profiles.models import Profile
from artifacts.profiles.v5 import form_schemas as form
from artifacts.profiles.v5.context import ROLE_RESOURCES
from artifacts.profiles.v5.form_schemas import GetProfile, ProfileForm
from artifacts.texts.commands import PROFILE_EMAIL, PROFILE_NAME, found_texts
from artifacts.texts.models import Text
from artifacts.v5.schemas import FieldError

MOST_CHOICES = 100
FLAG = "Whether the profile is in use."


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile or a draft has, or nothing for an empty form."""

    profile: Profile | None = None
    draft: Draft | None = None
    form: Form = msgspec.field(default_factory=Form)

    def marks(self, identifier: UUID, own: Container[UUID | None]) -> dict[str, bool]:
        """Whether it is chosen, and whether the draft had it made."""
        return {"selected": identifier in own, "pending": identifier in self.form.pending}


async def get(session: AsyncSession, actor: Actor, wanted: GetProfile) -> ProfileForm:
    """The form of a profile, of a draft, or an empty one. A draft's choices go before the profile's. Raises NotFound.

    Whoever is no staff finds their own profile alone, and nothing to choose from but what it has.
    """
    chosen = await _chosen(session, actor, wanted)
    profile = chosen.profile
    role = roles.as_role(profile.role) if profile else None
    if profile is None:
        reason = rules.refusal(actor, "create")
    else:
        reason = rules.refusal(actor, "edit", role=profile.role, profile_id=profile.id)
    assignable = list(reversed(roles.ORDER[: roles.rank(actor.role) + 1])) if actor.is_writer else []
    return ProfileForm(
        actor_name=actor.name,
        profile_exists=profile is not None,
        can_edit=reason is None,
        disabled_reason=reason,
        draft_version=chosen.draft.version if chosen.draft else None,
        group_id=None if profile is None else str(profile.id),
        profile_id=profile.id if profile else None,
        role=role,
        role_options=assignable,
        names=await _names(session, actor, chosen),
        emails=await _emails(session, actor, chosen),
        request_limits=_limits(chosen),
        flags=_flags(chosen),
        departments=await _departments(session, actor, chosen),
        roles=_roles(chosen, assignable),
    )


async def _chosen(session: AsyncSession, actor: Actor, wanted: GetProfile) -> Chosen:
    profile = None
    if wanted.target_profile_id is not None:
        statement = select(Profile).where(queries.visible(actor), Profile.id == wanted.target_profile_id)
        profile = (await session.scalars(statement)).one_or_none()
        if profile is None:
            raise NotFound
    if wanted.draft_id is not None:
        draft = await drafts.one(session, actor, KIND, wanted.draft_id)
        return Chosen(profile=profile, draft=draft, form=form_of(draft))
    if profile is None:
        return Chosen()
    values = [(PROFILE_NAME, profile.name)] if profile.name else []
    values += [(PROFILE_EMAIL, email) for email in profile.emails]
    ids, _ = await found_texts(session, actor.organization_id, values)
    own = Form(
        name_id=ids.get((PROFILE_NAME, profile.name)),
        flag_id=flags.option(is_active=profile.is_in_use).id,
        department_ids=profile.department_ids,
        email_ids=[ids[PROFILE_EMAIL, email] for email in profile.emails],
        role_ids=[roles.ID_OF[roles.as_role(profile.role)]],
        request_limit_ids=[limits.limit_id(profile.requests_per_day)],
    )
    return Chosen(profile=profile, form=own)


async def _names(session: AsyncSession, actor: Actor, chosen: Chosen) -> form.ProfileNameSection:
    own = chosen.form.name_id
    rows = await _texts(session, actor, PROFILE_NAME, [own] if own else [])
    items = [form.NameItem(id=row.id, name=row.value, **chosen.marks(row.id, (own,))) for row in rows]
    errors = [FieldError("name", "A profile needs a name.")] if chosen.draft and own is None else []
    return form.ProfileNameSection(resource=_selected(items), resources=items, required=True, errors=errors)


async def _emails(session: AsyncSession, actor: Actor, chosen: Chosen) -> form.ProfileEmailSection:
    own = chosen.form.email_ids
    rows = await _texts(session, actor, PROFILE_EMAIL, own)
    items = [form.EmailItem(id=row.id, email=row.value, **chosen.marks(row.id, own)) for row in rows]
    by_id = {item.id: item for item in items}
    return form.ProfileEmailSection(current=[by_id[one] for one in own if one in by_id], resources=items)


async def _texts(session: AsyncSession, actor: Actor, kind: str, own: Sequence[UUID]) -> list[Text]:
    """The chosen ones first, then the others of the kind that staff may choose from."""
    of_kind = select(Text).where(Text.organization_id == actor.organization_id, Text.kind == kind)
    first = list(await session.scalars(of_kind.where(among(Text.id, own)))) if own else []
    if not actor.is_staff:
        return first
    others = of_kind.where(~among(Text.id, own)) if own else of_kind
    return first + list(await session.scalars(others.order_by(Text.value, Text.id).limit(MOST_CHOICES)))


def _limits(chosen: Chosen) -> form.ProfileRequestLimitSection:
    own = chosen.form.request_limit_ids
    present = [limits.limit_of(one) for one in own]
    offered = [None, *sorted({*limits.USUAL, *(one for one in present if one)})]
    items = [
        form.RequestLimitItem(id=limits.limit_id(one), requests_per_day=one, selected=limits.limit_id(one) in own)
        for one in offered
    ]
    return form.ProfileRequestLimitSection(resource=_selected(items), resources=items)


def _flags(chosen: Chosen) -> form.ProfileFlagSection:
    items = [
        form.ProfileFlagItem(
            key=flags.KEY,
            label=option.name,
            description=FLAG,
            icon_id=None,
            flag_option_id=option.id,
            show=True,
            required=False,
            selected=option.id == chosen.form.flag_id,
        )
        for option in flags.OPTIONS
    ]
    return form.ProfileFlagSection(resource=_selected(items), resources=items)


async def _departments(session: AsyncSession, actor: Actor, chosen: Chosen) -> form.ProfileDepartmentSection:
    own = set(chosen.form.department_ids)
    rows = await session.scalars(departments(actor.organization_id))
    items = [
        form.ProfileDepartmentItem(id=row.id, name=row.name, description="", selected=row.id in own)
        for row in rows
        if actor.is_staff or row.id in own
    ]
    there = {item.id for item in items}
    errors = [FieldError("department_ids", f"{one} is no longer there.") for one in sorted(own - there)]
    return form.ProfileDepartmentSection(
        current=[item for item in items if item.selected], resources=items, errors=errors
    )


def _roles(chosen: Chosen, assignable: Sequence[roles.Role]) -> form.ProfileRoleSection:
    own = chosen.form.role_ids
    items = [
        form.RoleItem(
            id=roles.ID_OF[shown.role],
            role=shown.role,
            name=shown.name,
            description=shown.description,
            icon_value=shown.icon_value,
            color_hex=shown.color_hex,
            selected=roles.ID_OF[shown.role] in own,
        )
        for shown in ROLE_RESOURCES
        if shown.role in assignable or roles.ID_OF[shown.role] in own
    ]
    return form.ProfileRoleSection(resource=_selected(items), resources=items)


def _selected(items: Sequence[Any]) -> Any:
    return next((item for item in items if item.selected), None)
