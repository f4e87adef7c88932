"""Groups as they go in and out."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from jsonapi import ChangeDocument, Collection, Comparators, Document, NewDocument, Paged, PageMeta, Query, Text
from msgspec import UNSET, Meta, UnsetType

from orgs.individuals.schemas import IndividualSummary, Invite, Preferences

KIND = "individual-groups"

NodeType = Literal["division", "group"]
GroupType = Literal["all_participants", "provider_only", "regular", "unassigned"]
PersonType = Literal["individual", "leader", "member"]
Name = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
Tag = Annotated[str, Meta(min_length=1, max_length=127)]
Tags = Annotated[list[Tag], Meta(max_length=100)]
Ids = Annotated[list[UUID], Meta(max_length=10_000)]
SomeIds = Annotated[list[UUID], Meta(min_length=1, max_length=10_000)]
Email = Annotated[str, Meta(min_length=3, max_length=320, pattern=r"^[^@\s]+@[^@\s]+$")]
Emails = Annotated[list[Email], Meta(max_length=100)]


class ParentGroup(msgspec.Struct):
    """The group directly above."""

    id: UUID
    name: str


class GroupMember(msgspec.Struct, rename="kebab"):
    """Staff in a group."""

    id: UUID
    first_name: str | None
    last_name: str | None
    email: str | None
    email_verified: bool
    phone_verified: bool
    verified: bool
    registration_invite: str
    individual_id: str | None
    created_by_id: str | None
    communication_preferences: Preferences


class GroupLeader(GroupMember, rename="kebab"):
    """Staff who lead a group."""

    enabled: bool


class GroupAttributes(msgspec.Struct, rename="kebab"):
    """A group. `child_count` counts its active groups, `individuals_count` the individuals in the group itself."""

    name: str
    node_type: NodeType
    type: GroupType
    tags: list[str]
    is_active: bool
    organization_id: UUID
    parent_group: ParentGroup | None
    child_count: int
    individuals_count: int
    last_modified_time: datetime


class PeopledGroupAttributes(GroupAttributes, rename="kebab"):
    """A group with its people: leaders always; individuals and members where asked for, the first 1,000 of each."""

    self_can_write: bool
    leader_ids: list[UUID]
    leaders: list[GroupLeader]
    individual_ids: list[UUID] | UnsetType = UNSET
    individuals: list[IndividualSummary] | UnsetType = UNSET
    members: list[GroupMember] | UnsetType = UNSET


class EligiblePerson(msgspec.Struct, rename="kebab"):
    """Somebody who could be added to a group."""

    id: UUID
    member_type: PersonType
    first_name: str | None
    last_name: str | None
    email: str | None
    email_verified: bool
    phone_verified: bool
    verified: bool
    individual_id: UUID | None
    communication_preferences: Preferences


class NewGroup(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """A group to be made, at the root of the organization's forest or below another group."""

    organization_id: UUID
    name: Name
    node_type: NodeType = "group"
    type: Literal["regular", "provider_only"] = "regular"
    parent_group_id: UUID | None = None
    tags: Tags = []
    leader_ids: Ids = []
    individual_ids: Ids = []


class GroupChanges(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """What may change of a group. `leader_ids` are all of its leaders from then on."""

    name: Name | UnsetType = UNSET
    node_type: NodeType | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET
    leader_ids: Ids | UnsetType = UNSET
    is_active: bool | UnsetType = UNSET


class Embedding(msgspec.Struct, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Which people the answer holds."""

    with_individuals: bool = False
    with_members: bool = False


class IndividualsToAdd(Embedding, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Individuals who come to a group, perhaps out of another one."""

    individual_ids: SomeIds
    remove_from_group: UUID | None = None


class IndividualsToRemove(Embedding, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Individuals who leave a group."""

    individual_ids: SomeIds


class StaffToRemove(Embedding, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Staff who leave a group, by id, by e-mail or both; at least one."""

    user_ids: Ids = []
    user_emails: Emails = []


class StaffToAdd(StaffToRemove, rename="kebab", forbid_unknown_fields=True, kw_only=True):
    """Staff who come to a group, perhaps out of another one."""

    remove_from_group: UUID | None = None


class Move(msgspec.Struct, rename="kebab", forbid_unknown_fields=True):
    """Where a group goes; null makes it a root."""

    to_parent_group_id: UUID | None


class Affected(msgspec.Struct, rename="kebab"):
    """Somebody whose access would change."""

    user_id: UUID
    first_name: str | None
    last_name: str | None
    username: str | None


class AffectedPeople(msgspec.Struct):
    """Whose access would change: how many, and the first 100."""

    total: int
    first: list[Affected]


class MovePreview(msgspec.Struct, rename="kebab"):
    """What a move would do: to how many groups and memberships, and to whose right to change them.

    `complete` is false where only the first 10,000 leaders of the groups above were looked at.
    """

    groups: int
    memberships: int
    gains: AffectedPeople
    loses: AffectedPeople
    complete: bool


class MovePreviewAnswer(msgspec.Struct):
    """What a move would do."""

    data: MovePreview


class StartedTask(msgspec.Struct, rename="kebab"):
    """The task that tells what became of it."""

    task_id: UUID


class TaskAnswer(msgspec.Struct):
    """A task that was started."""

    data: StartedTask


class GroupListQuery(Paged, kw_only=True):
    """Parameters of the lists of groups."""

    exclude_individual_id: UUID | None = msgspec.field(name="exclude[individual-id]", default=None)
    modified: Comparators | None = msgspec.field(name="filter[cmp-last-modified-time]", default=None)
    eligible_individual_id: UUID | None = msgspec.field(name="filter[eligible-individual-id]", default=None)
    exclude_ids: list[UUID] | None = msgspec.field(name="filter[exclude-ids]", default=None)
    include_inactive: bool = msgspec.field(name="filter[include-inactive]", default=False)
    individual_id: UUID | None = msgspec.field(name="filter[individual-id]", default=None)
    leader_id: UUID | None = msgspec.field(name="filter[leader-id]", default=None)
    node_type: NodeType | None = msgspec.field(name="filter[node-type]", default=None)
    parent_group_id: UUID | None = msgspec.field(name="filter[parent-group-id]", default=None)
    tags: list[Annotated[str, Meta(max_length=127)]] | None = msgspec.field(name="filter[tags]", default=None)
    text: Text | None = msgspec.field(name="filter[text]", default=None)
    tree_node_type: Literal["leaf", "non-leaf"] | None = msgspec.field(name="filter[tree-node-type]", default=None)
    ids: list[UUID] | None = None
    name: Text | None = None
    organization_id: UUID | None = msgspec.field(name="organization-id", default=None)
    type: list[GroupType] = msgspec.field(default_factory=lambda: ["regular", "provider_only"])


class PeopledGroupListQuery(GroupListQuery, kw_only=True):
    """Parameters of the first version's list of groups."""

    with_individuals: bool = msgspec.field(name="with-individuals", default=False)


class ReadQuery(Query, kw_only=True):
    """Parameters of the first version's reading of a group."""

    with_individuals: bool = msgspec.field(name="with-individuals", default=False)
    with_members: bool = msgspec.field(name="with-members", default=False)


class PlainReadQuery(Query, kw_only=True):
    """Parameters of the second version's reading of a group."""

    include_inactive: bool = msgspec.field(name="filter[include-inactive]", default=False)


class EligibleQuery(Paged, kw_only=True):
    """Parameters of the list of people who could be added."""

    registration_invite: Invite | None = msgspec.field(name="filter[registration-invite]", default=None)
    text: Text | None = msgspec.field(name="filter[text]", default=None)
    verified: bool | None = msgspec.field(name="filter[verified]", default=None)
    for_children: bool = msgspec.field(name="for-children", default=False)
    member_type: PersonType = msgspec.field(name="member-type", default="leader")


class EligiblePeople(msgspec.Struct):
    """A page of people who could be added."""

    data: list[EligiblePerson]
    meta: PageMeta


PeopledGroupDocument = Document[Literal["individual-groups"], PeopledGroupAttributes]
PeopledGroupCollection = Collection[Literal["individual-groups"], PeopledGroupAttributes]
GroupDocument = Document[Literal["individual-groups"], GroupAttributes]
GroupCollection = Collection[Literal["individual-groups"], GroupAttributes]
NewGroupDocument = NewDocument[Literal["individual-groups"], NewGroup]
ChangeGroupDocument = ChangeDocument[Literal["individual-groups"], GroupChanges]
