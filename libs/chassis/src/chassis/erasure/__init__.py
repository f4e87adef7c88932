"""Erasing a person from one service: the same work in all five.

identity says that a person is to be erased (`DeletionPurgeRequested`, ids only). A service takes the order down
(`orders`), a background task carries it out (`working`) by the service's own `erasure.py`, whose plan names in one
table what of a person is deleted or blanked and what is kept, and reports a receipt to identity.

    PLAN = Plan(
        erased=(
            Gone("people", "user_id = :user_id"),
            Blanked("tasks", "created_by = :user_id", {"result": "'{}'"}),
        ),
        kept={"group_logs": "who was added or removed, when, by whom: ids only"},
    )
"""

from chassis.erasure.orders import consumers
from chassis.erasure.plans import Blanked, Gone, Person, Plan
from chassis.erasure.working import eraser

__all__ = ["Blanked", "Gone", "Person", "Plan", "consumers", "eraser"]
