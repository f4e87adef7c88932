"""Writes of cohorts in the projects dialect: a module an operation."""

from artifacts.cohorts.projects.commands.create import create
from artifacts.cohorts.projects.commands.duplicate import duplicate
from artifacts.cohorts.projects.commands.people import add_persons, remove_person
from artifacts.cohorts.projects.commands.update import update

__all__ = ["add_persons", "create", "duplicate", "remove_person", "update"]
