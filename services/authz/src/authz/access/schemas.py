"""What goes in and out. Unknown members are passed over, as the specification wants it."""

from typing import Annotated, Any, Literal

import msgspec

MOST_EVALUATIONS = 10_000
LARGEST_PAGE, DEFAULT_PAGE = 10_000, 1000

Object = dict[str, Any]


class Subject(msgspec.Struct):
    """Who would do it. The type is `user`, the id a user's."""

    type: str
    id: str
    properties: Object = {}


class Resource(msgspec.Struct):
    """What it would be done to: group, individual, organization, system, or a thing of an application (`app.*`)."""

    type: str
    id: str
    properties: Object = {}


class Action(msgspec.Struct):
    """What would be done: read, write, contain, or what grants name."""

    name: str
    properties: Object = {}


class Sought(msgspec.Struct):
    """The entity that a search is for: its type. An id is ignored."""

    type: str
    properties: Object = {}


class EvaluationRequest(msgspec.Struct):
    """May this subject do this to that resource? Conditions of grants read properties and context."""

    subject: Subject
    action: Action
    resource: Resource
    context: Object = {}


class Options(msgspec.Struct):
    """Whether a batch ends early."""

    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = "execute_all"


class EvaluationsRequest(msgspec.Struct):
    """Many questions. What a question leaves out is taken from the top, as a whole."""

    subject: Object | None = None
    action: Object | None = None
    resource: Object | None = None
    context: Object | None = None
    evaluations: Annotated[list[Object], msgspec.Meta(max_length=MOST_EVALUATIONS)] = []
    options: Options = msgspec.field(default_factory=Options)


class Decision(msgspec.Struct, omit_defaults=True):
    """Whether the subject may; `context` says what was wrong with a question of a batch."""

    decision: bool
    context: Object = {}


class Decisions(msgspec.Struct):
    """The decisions of a batch, in the order of its questions, as far as it came."""

    evaluations: list[Decision]


class PageRequest(msgspec.Struct):
    """Which page: `token` is the `next_token` of the page before."""

    token: str = ""
    limit: Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)] | None = None
    properties: Object = {}


class SubjectSearch(msgspec.Struct):
    """Who may do this to that resource?"""

    subject: Sought
    action: Action
    resource: Resource
    context: Object = {}
    page: PageRequest = msgspec.field(default_factory=PageRequest)


class ResourceSearch(msgspec.Struct):
    """To which resources may this subject do this?"""

    subject: Subject
    action: Action
    resource: Sought
    context: Object = {}
    page: PageRequest = msgspec.field(default_factory=PageRequest)


class ActionSearch(msgspec.Struct):
    """What may this subject do to that resource?"""

    subject: Subject
    resource: Resource
    context: Object = {}
    page: PageRequest = msgspec.field(default_factory=PageRequest)


class PageAnswer(msgspec.Struct):
    """`next_token` is empty on the last page; `total` counts all results, `count` those of this page."""

    next_token: str
    count: int
    total: int


class FoundEntity(msgspec.Struct):
    """A subject or resource."""

    type: str
    id: str


class FoundAction(msgspec.Struct):
    """An action."""

    name: str


class Entities(msgspec.Struct):
    """A page of subjects or resources in the order of their ids."""

    page: PageAnswer
    results: list[FoundEntity]


class Actions(msgspec.Struct):
    """Actions by name."""

    page: PageAnswer
    results: list[FoundAction]
