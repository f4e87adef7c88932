"""Writes of profiles: those that follow people by events, and those that are asked for here."""

from artifacts.profiles.commands.following import (
    Belonging,
    add,
    exists,
    give_role,
    place,
    place_all,
    place_given,
    place_profiles,
    remove,
    rename,
    set_active,
    take_role,
)

__all__ = [
    "Belonging",
    "add",
    "exists",
    "give_role",
    "place",
    "place_all",
    "place_given",
    "place_profiles",
    "remove",
    "rename",
    "set_active",
    "take_role",
]
