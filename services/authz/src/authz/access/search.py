"""What searches find, page by page. A token holds the last id of its page, so writes between pages move nothing."""

import base64
import hashlib
from typing import Any

import msgspec
from chassis.principal import Principal
from kernel import Invalid

from authz.access.evaluate import USER, query_of, situation_of, user_of
from authz.access.schemas import (
    DEFAULT_PAGE,
    LARGEST_PAGE,
    Actions,
    ActionSearch,
    Entities,
    FoundAction,
    FoundEntity,
    PageAnswer,
    PageRequest,
    ResourceSearch,
    SubjectSearch,
)
from authz.answers import require_may_ask, require_place
from authz.index import AccessQuery, Facts, Listed, accessible, accessors, allows
from authz.index.check import RULES

SYSTEM_OPERATIONS = ("read", "write")


class Cursor(msgspec.Struct, array_like=True):
    """Of which search, how long its pages are, and the last id that was shown."""

    search: str
    limit: int
    last: str


def subjects(facts: Facts, principal: Principal, asked: SubjectSearch) -> Entities:
    """The users who may. For an org.admin those of their current organization. Raises Invalid or Forbidden."""
    free = principal.service is not None or principal.is_support
    place = None if free else str(principal.organization_id)
    require_place(facts, principal, place)
    situation, cursor = situation_of(asked), _cursor(asked, asked.page)
    if asked.subject.type != USER:
        return _page(None, asked.subject.type, cursor)
    query = query_of(asked.resource, asked.action.name)
    return _page(accessors(facts, [query], place, situation), USER, cursor)


def resources(facts: Facts, principal: Principal, asked: ResourceSearch) -> Entities:
    """The resources that the user may. Raises Invalid or Forbidden."""
    user = user_of(asked.subject)
    situation, cursor = situation_of(asked), _cursor(asked, asked.page)
    if user is None:
        return _page(None, asked.resource.type, cursor)
    require_may_ask(facts, principal, (user,))
    query = AccessQuery(asked.resource.type, "", asked.action.name)
    return _page(accessible(facts, user, [query], None, situation), asked.resource.type, cursor)


def actions(facts: Facts, principal: Principal, asked: ActionSearch) -> Actions:
    """What the user may do to the resource. Raises Invalid or Forbidden."""
    user = user_of(asked.subject)
    situation, cursor = situation_of(asked), _cursor(asked, asked.page)
    if user is None:
        return Actions(PageAnswer("", 0, 0), [])
    require_may_ask(facts, principal, (user,))
    kind, identifier, _ = query_of(asked.resource, "")
    names = facts.grants.operations(kind, identifier) | {operation for of, operation in RULES if of == kind}
    names |= set(SYSTEM_OPERATIONS) if kind == "system" else set()
    found = [name for name in sorted(names) if allows(facts, user, [AccessQuery(kind, identifier, name)], situation)]
    rest = [name for name in found if name > cursor.last]
    shown = rest[: cursor.limit]
    page = PageAnswer(_token(cursor, shown) if len(rest) > len(shown) else "", len(shown), len(found))
    return Actions(page, [FoundAction(name) for name in shown])


def _page(listed: Listed | None, kind: str, cursor: Cursor) -> Entities:
    found = listed.after(cursor.last, cursor.limit + 1) if listed else []
    shown = found[: cursor.limit]
    token = _token(cursor, shown) if len(found) > len(shown) else ""
    results = [FoundEntity(kind, identifier) for identifier in shown]
    return Entities(PageAnswer(token, len(shown), listed.total if listed else 0), results)


def _cursor(asked: Any, page: PageRequest) -> Cursor:
    """Where the page begins. Raises Invalid for a token that is none, or of another search."""
    values = {name: value for name, value in msgspec.structs.asdict(asked).items() if name != "page"}
    written = msgspec.json.encode([type(asked).__name__, values], order="sorted")
    search = hashlib.sha256(written).hexdigest()[:16]
    if not page.token:
        return Cursor(search, page.limit or DEFAULT_PAGE, "")
    try:
        before = msgspec.json.decode(base64.urlsafe_b64decode(page.token), type=Cursor)
    except (ValueError, msgspec.MsgspecError):
        raise Invalid("This is no token of a page.", pointer="/page/token") from None
    if before.search != search or not 1 <= before.limit <= LARGEST_PAGE:
        raise Invalid("The token belongs to another search; all else must stay the same.", pointer="/page/token")
    return Cursor(search, page.limit or before.limit, before.last)


def _token(cursor: Cursor, shown: list[str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(Cursor(cursor.search, cursor.limit, shown[-1]))).decode()
