"""Bodies of profiles in the v5 dialect."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from artifacts.profiles.limits import MOST
from artifacts.roles import Role
from artifacts.v5.schemas import (
    MOST_ITEMS,
    Ids,
    ItemResult,
    ListFilterSection,
    Name,
    Names,
    PageOffset,
    PageSize,
    Result,
    Search,
    Text,
)

MOST_EMAILS = 20
MOST_ROLES = 5
MOST_MINUTES = 480

Email = Annotated[str, msgspec.Meta(max_length=254, pattern=r"\A[^@\s\x00]+@[^@\s\x00]+\Z")]
EmailIds = Annotated[list[UUID], msgspec.Meta(max_length=MOST_EMAILS)]
RoleIds = Annotated[list[UUID], msgspec.Meta(max_length=MOST_ROLES)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST)]


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


class CreateProfileItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """A profile to be made, of somebody who has no login yet. Where both are given, an id goes before its value."""

    id: UUID | None = None
    name: Name | None = None
    name_id: UUID | None = None
    email: Email | None = None
    email_ids: EmailIds | None = None
    request_limit: Limit | None = None
    request_limit_id: UUID | None = None
    flag_id: UUID | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    role_ids: RoleIds | None = None
    role: Role | None = None


class CreateProfiles(msgspec.Struct, forbid_unknown_fields=True):
    """Profiles to be made."""

    profiles: Annotated[list[CreateProfileItem], msgspec.Meta(max_length=MOST_ITEMS)]


class UpdateProfileItem(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Changes of a profile. What is absent or null stays; an empty list empties.

    An empty name gives back the one that identity knows.
    """

    profile_id: UUID
    name: Text | None = None
    name_id: UUID | None = None
    request_limit_id: UUID | None = None
    flag_id: UUID | None = None
    department_ids: Ids | None = None
    departments: Names | None = None
    email_ids: EmailIds | None = None
    role_ids: RoleIds | None = None


class UpdateProfiles(msgspec.Struct, forbid_unknown_fields=True):
    """Profiles to be changed."""

    profiles: Annotated[list[UpdateProfileItem], msgspec.Meta(max_length=MOST_ITEMS)]


class ProfileResultItem(ItemResult, kw_only=True):
    """What became of an item."""

    profile_id: UUID | None


class ProfileResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[ProfileResultItem]


class DeleteProfiles(msgspec.Struct, forbid_unknown_fields=True):
    """Profiles to be deleted."""

    profile_ids: Annotated[list[UUID], msgspec.Meta(max_length=MOST_ITEMS)]


class DeleteProfileResult(Result, kw_only=True):
    """What became of an item."""

    profile_id: UUID


class DeleteProfileResults(msgspec.Struct):
    """A result an item, in the items' order."""

    results: list[DeleteProfileResult]


class OneProfile(msgspec.Struct, forbid_unknown_fields=True):
    """Which profile."""

    target_profile_id: UUID


class ProfileResult(Result, kw_only=True):
    """What became of a profile."""

    profile_id: UUID


class EmulateProfile(msgspec.Struct, forbid_unknown_fields=True):
    """As whom to act, and for how long: 120 minutes unless another number is given."""

    target_profile_id: UUID
    ttl_minutes: Annotated[int, msgspec.Meta(ge=1, le=MOST_MINUTES)] | None = None


class EmulationResult(msgspec.Struct, kw_only=True):
    """Whether the next requests resolve to the profile; if not, why not."""

    allowed: bool
    reason: str | None
    grant_id: UUID | None
    expires_at: datetime | None


class UnemulationResult(msgspec.Struct, kw_only=True):
    """Whether the innermost grant was given back; if not, why not."""

    ok: bool
    reason: str | None


class ExportProfiles(msgspec.Struct, forbid_unknown_fields=True):
    """One profile, or all of them."""

    profile_export_id: UUID | None = None
