"""What the learning dialect asks of values before they are written."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
from chassis.principal import Principal
from kernel import DomainError, Invalid, Problems
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.cohorts.learning.identifiers import ASSESSMENT, GROUP, named
from artifacts.cohorts.learning.schemas import LearningCohort, WrittenCohort
from artifacts.cohorts.models import Cohort
from artifacts.departments.models import Group
from artifacts.matching import among
from artifacts.profiles.models import Profile
from artifacts.roles import STAFF

READ_ONLY = (
    "id", "tenant_id", "app_id", "created_at", "updated_at", "created_by", "updated_by", "is_deleted", "deleted_at",
    "deleted_by", "schema_version", "current_completion_pct",
)  # fmt: skip
KEY = "key:"
MOST_METADATA = 16 * 1024
"""Bytes of its JSON."""
MOST_KEYS = 100
LONGEST_KEY = 100
DEEPEST = 8


def refuse_stamped(data: WrittenCohort, standing: LearningCohort | dict[str, Any]) -> None:
    """What the server stamps may be sent back as it is, so that a document that was read can be written again.

    `standing` is what those members are. Raises Problems naming each that would change.
    """
    known = standing if isinstance(standing, dict) else msgspec.to_builtins(standing)
    wrong: list[DomainError] = [
        Invalid("The server sets this; it cannot be written.", pointer=name, code="read-only")
        for name in READ_ONLY
        if (sent := getattr(data, name)) is not msgspec.UNSET and sent != known.get(name)
    ]
    if wrong:
        raise Problems(wrong)


def stamped(principal: Principal, organization_id: UUID) -> dict[str, Any]:
    """What a new cohort's stamped members would be, as far as that is known before it is made."""
    return {"tenant_id": str(organization_id), "app_id": application(principal), "is_deleted": False}


def application(principal: Principal) -> str | None:
    """The application that a token was made for: an API key is one. None for a person's session."""
    if principal.key_id is not None:
        return str(principal.key_id)
    return principal.subject.removeprefix(KEY) if principal.subject.startswith(KEY) else None


async def check(session: AsyncSession, organization_id: UUID, values: dict[str, Any], cohort: Cohort | None) -> None:
    """Hold new columns against each other and against what the organization has. Raises Problems, Invalid."""
    _check_dates(values, cohort)
    _check_metadata(values.get("metadata_"))
    if values.get("group_id"):
        values["group_id"] = await _group(session, organization_id, values["group_id"], cohort)
    if values.get("facilitator_ids"):
        values["facilitator_ids"] = await _facilitators(session, organization_id, values["facilitator_ids"])
    if values.get("assigned_assessment_ids"):
        values["assigned_assessment_ids"] = _assessments(values["assigned_assessment_ids"])


def _check_dates(values: dict[str, Any], cohort: Cohort | None) -> None:
    start = values.get("start_date", cohort.start_date if cohort else None)
    end = values.get("end_date", cohort.end_date if cohort else None)
    if start is not None and end is not None and end < start:
        raise Invalid("The end lies before the start.", pointer="end_date" if "end_date" in values else "start_date")


def _check_metadata(metadata: dict[str, Any] | None) -> None:
    if not metadata:
        return
    encoded = msgspec.json.encode(metadata)
    if len(encoded) > MOST_METADATA:
        raise Invalid(f"At most {MOST_METADATA} bytes of JSON.", pointer="metadata")
    if len(metadata) > MOST_KEYS or any(len(key) > LONGEST_KEY for key in metadata):
        raise Invalid(f"At most {MOST_KEYS} keys of at most {LONGEST_KEY} characters.", pointer="metadata")
    if b"\\u0000" in encoded:
        raise Invalid("A text holds a character that cannot be kept.", pointer="metadata")
    if _depth(metadata) > DEEPEST:
        raise Invalid(f"At most {DEEPEST} levels deep.", pointer="metadata")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


async def _group(session: AsyncSession, organization_id: UUID, text: str, cohort: Cohort | None) -> str | None:
    """The group as it is kept: None for the cohort's own."""
    identifier = named(GROUP, text, "group_id")
    if cohort is not None and identifier == cohort.id:
        return None
    theirs = Group.id == identifier, Group.organization_id == organization_id, Group.is_active
    kind = (await session.execute(select(Group.node_type).where(*theirs))).scalar_one_or_none()
    if kind is None:
        raise Invalid("The organization has no such group.", pointer="group_id", code="unknown-group")
    if kind == "division":
        raise Invalid("A department is no cohort's group.", pointer="group_id", code="wrong-kind")
    return f"{GROUP}{identifier}"


async def _facilitators(session: AsyncSession, organization_id: UUID, users: Sequence[UUID]) -> list[str]:
    """Users of the organization's staff, each once."""
    chosen = list(dict.fromkeys(users))
    theirs = Profile.organization_id == organization_id, Profile.removed_at.is_(None), among(Profile.user_id, chosen)
    known = dict((await session.execute(select(Profile.user_id, Profile.role).where(*theirs))).all())
    wrong: list[DomainError] = []
    for place, user in enumerate(users):
        where = f"facilitator_ids/{place}"
        if user not in known:
            wrong.append(Invalid("The organization has no such user.", pointer=where, code="unknown-user"))
        elif known[user] not in STAFF:
            wrong.append(Invalid("Only staff facilitate.", pointer=where, code="not-staff"))
    if wrong:
        raise Problems(wrong)
    return [str(user) for user in chosen]


def _assessments(texts: Sequence[str]) -> list[str]:
    found = [
        f"{ASSESSMENT}{named(ASSESSMENT, text, f'assigned_assessment_ids/{place}')}" for place, text in enumerate(texts)
    ]
    return list(dict.fromkeys(found))
