"""Search of profiles in the v5 dialect."""

from sqlalchemy.ext.asyncio import AsyncSession

from artifacts import roles
from artifacts.actors import Actor
from artifacts.profiles import queries, rules
from artifacts.profiles.models import Profile
from artifacts.profiles.queries import Filters
from artifacts.profiles.v5.context import ROLE_RESOURCES
from artifacts.profiles.v5.schemas import ListProfilesApiProfile, ProfileList, SearchProfiles
from artifacts.v5.paging import page
from artifacts.v5.schemas import ListFilterOption, ListFilterSection


async def search(session: AsyncSession, actor: Actor, wanted: SearchProfiles) -> ProfileList:
    """A page of the profiles that the actor may see, by name."""
    filters = Filters(
        search=wanted.search or "",
        cohort_ids=wanted.cohort_ids,
        cohort_search=wanted.cohort_search or "",
        department_ids=wanted.filter_department_ids,
        role=wanted.role_filter,
    )
    found = await queries.page(session, actor, filters, page(wanted.page_size, wanted.page_offset))
    return ProfileList(
        actor_name=actor.name,
        profiles=[_listed(actor, row) for row in found.rows],
        department_filter=await _departments(session, actor, filters, wanted.department_search or ""),
        role_filter=await _roles(session, actor, filters, wanted.role_search or ""),
        total_count=found.total,
    )


async def _departments(session: AsyncSession, actor: Actor, filters: Filters, search: str) -> ListFilterSection:
    rows = await queries.departments(session, actor, filters, search)
    options = [ListFilterOption(id=str(identifier), name=name, count=count) for identifier, name, count in rows]
    return ListFilterSection(options, [str(identifier) for identifier in filters.department_ids or ()], search)


async def _roles(session: AsyncSession, actor: Actor, filters: Filters, search: str) -> ListFilterSection:
    counts = await queries.by_role(session, actor, filters)
    options = [
        ListFilterOption(
            id=shown.role, name=shown.name, count=counts.get(shown.role, 0), hex_code=shown.color_hex, value=shown.role
        )
        for shown in ROLE_RESOURCES
        if search.lower() in shown.name.lower()
    ]
    return ListFilterSection(options, [filters.role] if filters.role else [], search)


def _listed(actor: Actor, row: Profile) -> ListProfilesApiProfile:
    may = {
        f"can_{name}": rules.refusal(actor, name, role=row.role, profile_id=row.id) is None
        for name in ("edit", "duplicate", "delete")
    }
    return ListProfilesApiProfile(
        profile_id=row.id,
        emails=row.emails,
        primary_email=row.primary_email,
        name=row.name,
        role=roles.ORDER[roles.rank(row.role)],
        initials="".join(word[0] for word in row.name.split()[:2]).upper(),
        department_ids=row.department_ids,
        primary_department_id=row.primary_department_id,
        requests_per_day=row.requests_per_day,
        **may,
    )
