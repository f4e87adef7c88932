"""Turning what a client names, by id or by value, into ids; every problem of every item is found at once.

A name, description, simulation, position, window or part that is not there is made. Departments, profiles and personas
come from elsewhere and are only found. A value that two records have is a problem of the item: only an id tells them
apart. An item of an update starts from what its cohort has.
"""

from artifacts.cohorts.resolving.checking import checked
from artifacts.cohorts.resolving.items import Resolved, Wanted
from artifacts.cohorts.resolving.making import resolve

__all__ = ["Resolved", "Wanted", "checked", "resolve"]
