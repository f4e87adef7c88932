"""The form of a profile: a section for each thing that can be chosen."""

from uuid import UUID

import msgspec

from artifacts.roles import Role
from artifacts.v5.schemas import Choosable, Section


class GetProfile(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Which profile. Without one, or a draft, the form is empty."""

    target_profile_id: UUID | None = None
    draft_id: UUID | None = None


class NameItem(Choosable, frozen=True, kw_only=True):
    """A name."""

    id: UUID
    name: str


class EmailItem(Choosable, frozen=True, kw_only=True):
    """An address."""

    id: UUID
    email: str


class RequestLimitItem(Choosable, frozen=True, kw_only=True):
    """How many requests a day; null is no limit."""

    id: UUID
    requests_per_day: int | None


class ProfileFlagItem(Choosable, frozen=True, kw_only=True):
    """A choice of the flag."""

    key: str
    label: str
    description: str
    icon_id: UUID | None
    flag_option_id: UUID
    show: bool
    required: bool


class ProfileDepartmentItem(Choosable, frozen=True, kw_only=True):
    """A department."""

    id: UUID
    name: str
    description: str


class RoleItem(Choosable, frozen=True, kw_only=True):
    """A role."""

    id: UUID
    role: Role
    name: str
    description: str
    icon_value: str
    color_hex: str


class ProfileNameSection(Section, frozen=True, kw_only=True):
    """The name."""

    resource: NameItem | None
    resources: list[NameItem]


class ProfileEmailSection(Section, frozen=True, kw_only=True):
    """The addresses."""

    current: list[EmailItem]
    resources: list[EmailItem]


class ProfileRequestLimitSection(Section, frozen=True, kw_only=True):
    """How many requests a day."""

    resource: RequestLimitItem | None
    resources: list[RequestLimitItem]


class ProfileFlagSection(Section, frozen=True, kw_only=True):
    """Whether the profile is in use."""

    resource: ProfileFlagItem | None
    resources: list[ProfileFlagItem]


class ProfileDepartmentSection(Section, frozen=True, kw_only=True):
    """The departments."""

    current: list[ProfileDepartmentItem]
    resources: list[ProfileDepartmentItem]


class ProfileRoleSection(Section, frozen=True, kw_only=True):
    """The role."""

    resource: RoleItem | None
    resources: list[RoleItem]


class ProfileForm(msgspec.Struct, kw_only=True):
    """A profile as a form."""

    actor_name: str | None
    profile_exists: bool | None
    can_edit: bool | None
    disabled_reason: str | None
    draft_version: int | None
    group_id: str | None
    profile_id: UUID | None
    role: Role | None
    role_options: list[Role] | None
    basic_show_ai_generate: bool | None = False
    general_show_ai_generate: bool | None = False
    names: ProfileNameSection | None
    emails: ProfileEmailSection | None
    request_limits: ProfileRequestLimitSection | None
    flags: ProfileFlagSection | None
    departments: ProfileDepartmentSection | None
    roles: ProfileRoleSection | None
