"""Changing groups: one module an operation."""

from orgs.individual_groups.commands.bulk import place
from orgs.individual_groups.commands.create import create
from orgs.individual_groups.commands.delete import delete
from orgs.individual_groups.commands.individuals import add_individuals, enroll, remove_individuals
from orgs.individual_groups.commands.kept import create_kept, take_in
from orgs.individual_groups.commands.move import move_group
from orgs.individual_groups.commands.staff import add_staff, forget_staff, remove_staff
from orgs.individual_groups.commands.update import update

__all__ = [
    "add_individuals",
    "add_staff",
    "create",
    "create_kept",
    "delete",
    "enroll",
    "forget_staff",
    "move_group",
    "place",
    "remove_individuals",
    "remove_staff",
    "take_in",
    "update",
]
