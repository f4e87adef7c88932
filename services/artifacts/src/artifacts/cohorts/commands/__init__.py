"""Writes of cohorts, for all dialects: a module an operation."""

from artifacts.cohorts.commands.create import create
from artifacts.cohorts.commands.delete import delete, restore
from artifacts.cohorts.commands.duplicate import duplicate
from artifacts.cohorts.commands.establish import change, establish, held, touch
from artifacts.cohorts.commands.leave import drop_from, drop_member, drop_members, leave
from artifacts.cohorts.commands.people import add_people, remove_person
from artifacts.cohorts.commands.update import update
from artifacts.outcomes import Outcome

__all__ = [
    "Outcome",
    "add_people",
    "change",
    "create",
    "delete",
    "drop_from",
    "drop_member",
    "drop_members",
    "duplicate",
    "establish",
    "held",
    "leave",
    "remove_person",
    "restore",
    "touch",
    "update",
]
