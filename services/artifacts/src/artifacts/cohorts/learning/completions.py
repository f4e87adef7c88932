"""What learners of a cohort have completed: recording it, listing it, taking it back."""

from uuid import UUID

from kernel import Forbidden, Invalid, NotFound, now, uuid7
from sqlalchemy import Select, delete, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from artifacts.actors import Actor
from artifacts.cohorts import rules
from artifacts.cohorts.learning import identifiers
from artifacts.cohorts.learning.identifiers import ASSESSMENT, COHORT, COMPLETION, named
from artifacts.cohorts.learning.models import Completion
from artifacts.cohorts.learning.schemas import CompletionOut, CompletionQuery, Completions, NewCompletion
from artifacts.cohorts.models import Cohort, CohortMember
from artifacts.profiles.models import Profile

WHOLE = 100.0
RECORD = text("""
INSERT INTO cohort_completions AS known
       (id, organization_id, cohort_id, profile_id, session, assessment_id, pct, completed_at, recorded_by)
VALUES (:id, :organization_id, :cohort_id, :profile_id, :session, :assessment_id, :pct,
        coalesce(CAST(:completed_at AS timestamptz), now()), :recorded_by)
ON CONFLICT ON CONSTRAINT uq_cohort_completions_item DO UPDATE
   SET pct = excluded.pct, completed_at = coalesce(CAST(:completed_at AS timestamptz), known.completed_at),
       recorded_by = excluded.recorded_by, updated_at = now()
 WHERE known.pct <> excluded.pct OR known.completed_at <> CAST(:completed_at AS timestamptz)
""")
"""The same again changes nothing, and nor does it say anything new of the time."""


async def record(session: AsyncSession, actor: Actor, cohort: Cohort, data: NewCompletion) -> CompletionOut:
    """Record what a learner of a live cohort has completed; the same again is the same record.

    Raises Forbidden, Invalid, NotFound.
    """
    demand(actor, cohort)
    _check(cohort, data)
    learner = await _learner(session, cohort, data.learner_id)
    assessment = data.assessment_id and f"{ASSESSMENT}{named(ASSESSMENT, data.assessment_id, 'assessment_id')}"
    if assessment and assessment not in cohort.assigned_assessment_ids:
        raise Invalid("The assessment is not assigned to the cohort.", pointer="assessment_id", code="not-assigned")
    values = {
        "id": uuid7(),
        "organization_id": cohort.organization_id,
        "cohort_id": cohort.id,
        "profile_id": learner,
        "session": data.session,
        "assessment_id": assessment,
        "pct": WHOLE if data.completion_pct is None else data.completion_pct,
        "completed_at": data.completed_at,
        "recorded_by": actor.user_id,
    }
    await session.execute(RECORD, values)
    same = (
        Completion.profile_id == learner,
        Completion.session.is_not_distinct_from(data.session),
        Completion.assessment_id.is_not_distinct_from(assessment),
    )
    row = (await session.execute(_statement(cohort.id).where(*same).execution_options(populate_existing=True))).one()
    return _written(row.Completion, row.user_id)


async def list_(session: AsyncSession, cohort: Cohort, query: CompletionQuery) -> Completions:
    """A page of a cohort's completions, in the order in which they were first recorded."""
    statement = _statement(cohort.id)
    if query.learner_id is not None:
        statement = statement.where(or_(Completion.profile_id == query.learner_id, Profile.user_id == query.learner_id))
    if query.session is not None:
        statement = statement.where(Completion.session == min(max(query.session, 0), 2**31 - 1))
    if query.assessment_id is not None:
        statement = statement.where(Completion.assessment_id == query.assessment_id)
    counted = select(func.count()).select_from(statement.with_only_columns(Completion.id).subquery())
    total = (await session.execute(counted)).scalar_one()
    if query.cursor is not None:
        after = identifiers.cursor(query.cursor)
        statement = statement.where(tuple_(Completion.created_at, Completion.id) > (after.created_at, after.id))
    ordered = statement.order_by(Completion.created_at, Completion.id).limit(query.limit + 1)
    found = (await session.execute(ordered)).all()
    shown = [_written(row.Completion, row.user_id) for row in found[: query.limit]]
    more = len(found) > query.limit
    last = found[query.limit - 1].Completion if more else None
    return Completions(shown, total, identifiers.after(last.created_at, last.id) if last else None)


async def forget(session: AsyncSession, actor: Actor, cohort: Cohort, completion_id: UUID) -> None:
    """Take back what was recorded. Raises Forbidden, NotFound."""
    demand(actor, cohort)
    gone = delete(Completion).where(Completion.id == completion_id, Completion.cohort_id == cohort.id)
    if (await session.execute(gone.returning(Completion.id))).first() is None:
        raise NotFound


def demand(actor: Actor, cohort: Cohort) -> None:
    """Instructors and up record, and whoever facilitates the cohort. Raises Forbidden; NotFound for a deleted one."""
    if cohort.deleted_at is not None:
        raise NotFound
    if str(actor.user_id) in cohort.facilitator_ids:
        return
    if rules.refusal(actor, "edit") is not None:
        raise Forbidden("Instructors and the cohort's facilitators record completions.")


def _check(cohort: Cohort, data: NewCompletion) -> None:
    if sum(one is not None for one in (data.session, data.assessment_id, data.completion_pct)) > 1:
        raise Invalid("Give a session, an assessment or a percentage, one of them.", pointer="completion_pct")
    if data.session is not None and data.session > (cohort.session_count or 0):
        raise Invalid(f"The cohort has {cohort.session_count or 0} sessions.", pointer="session")
    if data.completed_at is not None and data.completed_at > now():
        raise Invalid("That is yet to come.", pointer="completed_at")


async def _learner(session: AsyncSession, cohort: Cohort, identifier: UUID) -> UUID:
    """Somebody who is in the cohort, by their id as a person or as a user. Raises Invalid."""
    known = (
        select(CohortMember.profile_id)
        .outerjoin(Profile, Profile.id == CohortMember.profile_id)
        .where(
            CohortMember.cohort_id == cohort.id,
            CohortMember.until.is_(None),
            or_(CohortMember.profile_id == identifier, Profile.user_id == identifier),
        )
    )
    found = (await session.execute(known)).scalars().first()
    if found is None:
        raise Invalid("Nobody with this id is in the cohort.", pointer="learner_id", code="not-enrolled")
    return found


def _statement(cohort_id: UUID) -> Select[Completion, UUID | None]:
    return (
        select(Completion, Profile.user_id)
        .outerjoin(Profile, Profile.id == Completion.profile_id)
        .where(Completion.cohort_id == cohort_id)
    )


def _written(row: Completion, user_id: UUID | None) -> CompletionOut:
    return CompletionOut(
        id=identifiers.written(COMPLETION, row.id),
        cohort_id=identifiers.written(COHORT, row.cohort_id),
        learner_id=row.profile_id,
        user_id=user_id,
        session=row.session,
        assessment_id=row.assessment_id,
        completion_pct=row.pct,
        completed_at=row.completed_at,
        recorded_by=row.recorded_by,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
