"""What the operations of a directory have in common: where they are, who may ask, and the directory they are about."""

from typing import Any
from uuid import UUID

from chassis.arguments import Caller, FromPath, Process, Session
from contracts.permissions import AUTHENTICATED
from litestar.di import NamedDependency, Provide

from identity.scim.places import Place
from identity.scim_requests.recording import recorded

DIRECTORY = "/scim/v2/{organization_id:uuid}"

Here = NamedDependency[Place]
"""`place`: the directory that a request is about. A handler lets the caller in with `enter`."""


def provide_place(runtime: Process, session: Session, principal: Caller, organization_id: FromPath[UUID]) -> Place:
    """The directory that a request is about, whoever asks."""
    return Place(runtime, session, principal, organization_id)


OPTIONS: dict[str, Any] = {
    "permission": AUTHENTICATED,
    "scope": "scim",
    "in_person": True,
    "middleware": [recorded],
    "dependencies": {"place": Provide(provide_place, sync_to_thread=False)},
}
