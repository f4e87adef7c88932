"""Roles in an organization's applications, and where they come from."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from chassis.principal import Principal

Role = Literal["guest", "member", "instructor", "admin", "superadmin"]

ORDER: tuple[Role, ...] = ("guest", "member", "instructor", "admin", "superadmin")
STAFF: frozenset[Role] = frozenset({"member", "instructor", "admin", "superadmin"})
WRITERS: frozenset[Role] = frozenset({"instructor", "admin", "superadmin"})
ADMINS: frozenset[Role] = frozenset({"admin", "superadmin"})
OF_ROLE: dict[str, Role] = {"org.admin": "admin", "org.member": "member"}

OF_ID: dict[UUID, Role] = {
    UUID(f"018f0000-0000-7000-8000-0000000000c{place}"): role for place, role in enumerate(ORDER)
}
"""The same ids in every organization."""
ID_OF: dict[Role, UUID] = {role: identifier for identifier, role in OF_ID.items()}

COHORT_WRITE_SCOPE = "cohort:write"
PERSON_WRITE_SCOPE = "person:write"


def rank(role: str) -> int:
    """How high a role stands; `guest` is 0."""
    return ORDER.index(role)  # pyright: ignore[reportArgumentType]


def as_role(text: str) -> Role:
    """A role as a column holds it."""
    return ORDER[rank(text)]


def highest(roles: Iterable[Role]) -> Role:
    """The highest of some roles, `guest` without any."""
    return ORDER[max((rank(role) for role in roles), default=0)]


def below(role: Role) -> list[Role]:
    """The roles that stand below, highest first."""
    return list(reversed(ORDER[: rank(role)]))


def derived(account_type: str, names: Iterable[str]) -> Role:
    """The role that a belonging gives: staff are members at least, participants guests."""
    own: Role = "member" if account_type == "provider" else "guest"
    return highest([own, *(OF_ROLE[name] for name in names if name in OF_ROLE)])


def narrowed(role: Role, principal: Principal) -> Role:
    """A role as far as the credential goes: an API key has what its scopes need, and never more than its bearer."""
    if principal.scopes is None:
        return role
    writes = {COHORT_WRITE_SCOPE, PERSON_WRITE_SCOPE} & principal.scopes
    needed: Role = "instructor" if writes else "member"
    return needed if principal.user_id is None else min(role, needed, key=rank)


def of_token(principal: Principal) -> Role:
    """What the token alone says of whom it stands for, who may be nobody: then its scopes say all."""
    if principal.scopes is not None and principal.user_id is None:
        return narrowed("guest", principal)
    if principal.is_operator:
        return "superadmin"
    if principal.is_support:
        return "member"
    return highest(OF_ROLE[name] for name in principal.roles if name in OF_ROLE)
