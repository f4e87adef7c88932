"""Reading the record of groups."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.principal import Principal
from chassis.runtime import Runtime
from database import Bookmarks, Templates, Way
from kernel import Slice
from sqlalchemy import ARRAY, Integer, Uuid, any_, bindparam, exists, func, or_, select, text, true

from orgs.access.queries import Reach, reach_at, readable_groups
from orgs.individual_group_logs.models import GroupLog
from orgs.individual_group_logs.schemas import LogAttributes, LogAuthor, LogQuery
from orgs.individual_groups.models import Group

TEMPLATES = Templates()
BOOKMARKS = Bookmarks()
COUNTED = text("""
SELECT coalesce((SELECT entries FROM group_log_counts WHERE organization_id = :organization), 0) + (
    SELECT count(*) FROM group_logs WHERE organization_id = :organization AND id >= mark.counted_to), mark.counted_to
FROM group_log_mark AS mark
""").bindparams(bindparam("organization", type_=Uuid()))
COLUMNS = (
    GroupLog.id,
    GroupLog.event,
    GroupLog.subject,
    GroupLog.group_id,
    GroupLog.person_id,
    GroupLog.created_by,
    GroupLog.created_at,
)
Given = tuple[bool, ...]
"""Which filters there are: an organization, a group, an individual, another individual."""


async def list_(runtime: Runtime, principal: Principal, query: LogQuery) -> Slice[tuple[UUID, LogAttributes]]:
    """A page of the record, oldest first: of groups that the caller may read; for administrators also of gone ones."""
    reach = await reach_at(runtime, principal)
    people = (query.filter_individual_id, query.individual_id)
    given = tuple(one is not None for one in (query.organization_id, query.individual_group_id, *people))
    own = query.organization_id is not None and (reach.everything or query.organization_id in reach.admin_of)
    values = reach.values | {
        "organization": query.organization_id,
        "group": query.individual_group_id,
        "one": people[0],
        "other": people[1],
    }
    shape = (reach.shape, given, own)
    counting = TEMPLATES.get(("total", *shape), lambda: _total(reach, given, own=own))
    total, *settled = (await runtime.row.all(counting.sql, *counting.values(values)))[0]
    if total <= query.offset:
        return Slice([], total, query.page)
    key = query.organization_id if settled else None
    way = BOOKMARKS.way(key, query.offset, query.limit, None)
    page = TEMPLATES.get(("page", way.start is None, *shape), lambda: _page(reach, given, way, own=own))
    values |= {"start": way.start, "skip": way.skip, "take": way.take}
    rows = await runtime.row.all(page.sql, *page.values(values))
    if rows and settled and rows[-1].id < settled[0]:  # before that the record is as it will always be
        BOOKMARKS.note(key, query.offset, len(rows), rows[0].id, rows[-1].id)
    return Slice([_resource(*row) for row in rows], total, query.page)


def _total(reach: Reach, given: Given, *, own: bool) -> Any:
    if own and not any(given[1:]):
        return COUNTED
    return select(func.count()).select_from(GroupLog).where(*_conditions(reach, given, own=own))


def _page(reach: Reach, given: Given, way: Way, *, own: bool) -> Any:
    """The ids first: entries that are passed over are not read."""
    chosen = select(GroupLog.id).where(*_conditions(reach, given, own=own)).order_by(GroupLog.id)
    if way.start is not None:
        chosen = chosen.where(GroupLog.id >= bindparam("start", type_=Uuid()))
    found = chosen.limit(bindparam("take", type_=Integer())).offset(bindparam("skip", type_=Integer())).subquery()
    return select(*COLUMNS).join(found, found.c.id == GroupLog.id).order_by(GroupLog.id)


def _conditions(reach: Reach, given: Given, *, own: bool) -> Iterator[Any]:
    organization, group, one, other = given
    if organization:
        yield GroupLog.organization_id == bindparam("organization", type_=Uuid())
    if group:
        yield GroupLog.group_id == bindparam("group", type_=Uuid())
    if one or other:
        yield GroupLog.subject == "individual"
    if one:
        yield GroupLog.person_id == bindparam("one", type_=Uuid())
    if other:
        yield GroupLog.person_id == bindparam("other", type_=Uuid())
    if not own:
        yield _visible(reach)


def _visible(reach: Reach) -> Any:
    """Entries of organizations that the caller administers, and of groups that the caller may read."""
    if reach.everything:
        return true()
    administered = GroupLog.organization_id == any_(bindparam("admin_of", type_=ARRAY(Uuid())))
    if not (reach.leads or reach.member_of):
        return administered
    open_to = exists().where(Group.id == GroupLog.group_id, readable_groups(reach)).correlate(GroupLog)
    return or_(administered, open_to)


def _resource(  # the columns as they come: asking a row for each by name costs as much as reading it
    key: UUID, event: Any, subject: Any, group: UUID, person: UUID, author: UUID | None, at: datetime
) -> tuple[UUID, LogAttributes]:
    individual, user = (person, None) if subject == "individual" else (None, person)
    return key, LogAttributes(event, subject, group, individual, user, LogAuthor(author) if author else None, at)
