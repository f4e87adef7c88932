"""Bodies of profiles in the v5 dialect."""

from uuid import UUID

import msgspec

from artifacts.roles import Role
from artifacts.v5.schemas import Ids, ListFilterSection, PageOffset, PageSize, Search


class SearchProfiles(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What to search for. `cohort_search` keeps those who are in a cohort whose name holds it."""

    search: Search | None = None
    cohort_ids: Ids | None = None
    filter_department_ids: Ids | None = None
    role_filter: Role | None = None
    cohort_search: Search | None = None
    department_search: Search | None = None
    role_search: Search | None = None
    page_size: PageSize | None = None
    page_offset: PageOffset | None = None


class ListProfilesApiProfile(msgspec.Struct, kw_only=True):
    """A profile in a list."""

    profile_id: UUID
    emails: list[str]
    primary_email: str | None
    name: str
    role: Role
    initials: str
    department_ids: list[UUID]
    primary_department_id: UUID | None
    requests_per_day: int | None
    can_edit: bool
    can_duplicate: bool
    can_delete: bool


class ProfileList(msgspec.Struct, kw_only=True):
    """A page of profiles, and the filters with counts under the other filters."""

    actor_name: str | None
    profiles: list[ListProfilesApiProfile] | None
    department_filter: ListFilterSection | None
    role_filter: ListFilterSection | None
    total_count: int | None


class GetProfileContext(msgspec.Struct, forbid_unknown_fields=True):
    """The department that the caller works in now."""

    department_id: UUID | None = None


class ThemePrimitives(msgspec.Struct, frozen=True, kw_only=True):
    """The colours of the application, hexadecimal."""

    primary: str = "#2f5bea"
    accent: str = "#7a5af8"
    background: str = "#f4f5f7"
    surface: str = "#ffffff"
    success: str = "#17803d"
    warning: str = "#b25e09"
    error: str = "#c0262d"
    chart1: str = "#2f5bea"
    chart2: str = "#0f9d8a"
    chart3: str = "#d9730d"
    chart4: str = "#9b3fc4"
    chart5: str = "#5b6675"


class QGetProfileContextV4RoleResource(msgspec.Struct, frozen=True):
    """A role and how it is shown."""

    role: Role
    name: str
    description: str
    icon_value: str
    color_hex: str


class ProfileContext(msgspec.Struct, kw_only=True):
    """Who the caller is, what they may see, and how it looks."""

    id: UUID | None
    name: str | None
    role: Role | None
    active: bool | None
    role_artifacts: list[str] | None
    available_sections: list[str] | None
    scoped_roles: list[Role] | None
    department_ids: list[UUID] | None
    primary_department_id: UUID | None
    settings_id: UUID | None
    theme: ThemePrimitives | None
    session_id: UUID | None
    is_emulation: bool | None
    emulation_depth: int | None
    role_resources: list[QGetProfileContextV4RoleResource] | None
