"""What a service holds of a person: what goes, what is blanked, what stays and why."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.runtime import Runtime


class Person(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Whom an erasure is about, as identity knows them at that moment.

    `addresses` are e-mail addresses, phone numbers and usernames in lower case. Without `user_id` there is no login,
    or it stays. `organization_ids` are where the person belongs.
    """

    user_id: UUID | None = None
    individual_ids: list[UUID] = []
    addresses: list[str] = []
    organization_ids: list[UUID] = []

    @property
    def ids(self) -> list[UUID]:
        """Every id that stands for the person."""
        return [*([self.user_id] if self.user_id else []), *self.individual_ids]


class Gone(msgspec.Struct, frozen=True):
    """Rows that are deleted.

    `where` is SQL; it may name :user_id, :individual_ids, :ids, :organization_ids, :addresses and :patterns. The last
    are the person's ids and addresses, each as a pattern of ILIKE that finds it anywhere.
    """

    table: str
    where: str


class Blanked(msgspec.Struct, frozen=True):
    """Rows that stay and lose what is personal: column -> SQL of its new value. `where` as in Gone."""

    table: str
    where: str
    columns: Mapping[str, str]


Rule = Gone | Blanked
Counts = dict[str, int]
"""Rows by table."""

First = Callable[[AsyncSession, Person], Awaitable[Counts]]
Further = Callable[[Runtime, AsyncSession, Person], Awaitable[Counts]]


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A service's whole answer. Rules run in their order, after `first`, which does what others have to hear of.

    `further` removes what no statement finds, such as files that may show the person or sealed rows; it raises
    Unavailable for what has to be waited for.
    `kept` names every other table that refers to people, with the reason.
    """

    erased: tuple[Rule, ...]
    kept: Mapping[str, str]
    first: First | None = None
    further: Further | None = None

    @property
    def tables(self) -> set[str]:
        """The tables that the plan has thought of."""
        return {rule.table for rule in self.erased} | set(self.kept)


COMMON: tuple[Rule, ...] = (
    Gone(
        "idempotency_keys",
        "caller = :user_text OR operation ILIKE ANY (:patterns) OR convert_from(answer, 'UTF8') ILIKE ANY (:patterns)",
    ),
    Blanked("parked_events", "error ILIKE ANY (:patterns)", {"error": "''"}),
)
"""Tables that every service has. The outbox, the inbox and what waits between them hold ids only."""


def values(person: Person) -> dict[str, Any]:
    """What the rules' statements may name."""
    marks = [*(str(one) for one in person.ids), *person.addresses]
    return {
        "user_id": person.user_id,
        "user_text": str(person.user_id) if person.user_id else None,
        "individual_ids": person.individual_ids,
        "ids": person.ids,
        "organization_ids": person.organization_ids,
        "addresses": person.addresses,
        "patterns": [f"%{_escaped(mark)}%" for mark in marks],
    }


def _escaped(mark: str) -> str:
    for sign in ("\\", "%", "_"):
        mark = mark.replace(sign, f"\\{sign}")
    return mark
