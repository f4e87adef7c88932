"""Drafts of profiles: the form before it is one."""

from typing import Any
from uuid import UUID

import msgspec
from kernel import Invalid, Problems
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.cohorts import flags
from artifacts.drafts import commands as drafts
from artifacts.drafts.models import Draft
from artifacts.profiles import limits, rules
from artifacts.profiles.resolving import Resolved, Wanted, resolve
from artifacts.texts.commands import PROFILE_EMAIL, PROFILE_NAME, found_texts

KIND = "profile"


class Form(msgspec.Struct, kw_only=True):
    """What a draft holds. `pending` are the names and addresses that this draft had made."""

    name_id: UUID | None = None
    flag_id: UUID = flags.ACTIVE.id
    department_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    email_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    role_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    request_limit_ids: list[UUID] = msgspec.field(default_factory=list[UUID])
    pending: list[UUID] = msgspec.field(default_factory=list[UUID])


class Version(msgspec.Struct, frozen=True):
    """A draft after a change."""

    draft_id: UUID
    number: int
    form: Form


def form_of(draft: Draft) -> Form:
    """What a draft holds now."""
    return msgspec.convert(draft.form, Form, strict=False)


def state(form: Form) -> dict[str, Any]:
    """A form as the dialect shows it."""
    return {name: getattr(form, name) for name in Form.__struct_fields__ if name != "pending"}


async def change(
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    *,
    draft_id: UUID | None,
    expected: int | None,
    unlimited: bool = False,
    mcp: bool = False,
) -> Version:
    """Change a draft of the actor's, or begin one.

    Names and addresses that are given by value are made at once; `unlimited` takes the limit off.

    Raises Forbidden, NotFound, Problems with everything that is wrong, and Conflict, which tells the present version
    and form, where `expected` is another version.
    """
    rules.demand(actor, "create")
    draft = await drafts.opened(session, actor, KIND, draft_id, mcp=mcp)
    form = form_of(draft)
    drafts.expect(draft, expected, state(form))
    (item,) = await resolve(session, actor, [wanted])
    if item.problems:
        raise Problems([Invalid(problem.message, pointer=f"/{problem.field}") for problem in item.problems])
    changed = await _form(session, actor, item, form)
    if unlimited:
        changed.request_limit_ids = []
    number = await drafts.keep(session, draft, msgspec.to_builtins(changed))
    return Version(draft.id, number, changed)


async def _form(session: AsyncSession, actor: Actor, item: Resolved, before: Form) -> Form:
    wanted = item.wanted
    values = [(PROFILE_NAME, item.name)] if item.name else []
    values += [(PROFILE_EMAIL, email) for email in item.emails or ()]
    ids, made = await found_texts(session, actor.organization_id, values)
    name_id = before.name_id if item.name is None else ids.get((PROFILE_NAME, item.name))
    emails = before.email_ids
    if item.emails is not None:
        emails = [ids[PROFILE_EMAIL, email] for email in item.emails]
        if wanted.email_ids is None:
            emails = list(dict.fromkeys([*before.email_ids, *emails])) if emails else []
    role_ids = before.role_ids if wanted.role_ids is None else []
    limit_ids = [limits.limit_id(item.limit)] if item.limits else before.request_limit_ids
    chosen = {name_id, *emails}
    return Form(
        name_id=name_id,
        flag_id=wanted.flag_id or before.flag_id,
        department_ids=before.department_ids if item.department_ids is None else item.department_ids,
        email_ids=emails,
        role_ids=[roles.ID_OF[item.role]] if item.role else role_ids,
        request_limit_ids=limit_ids,
        pending=[one for one in dict.fromkeys([*before.pending, *made]) if one in chosen],
    )
