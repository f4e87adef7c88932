"""`/.well-known/authzen-configuration`."""

import msgspec
from chassis.arguments import Process
from contracts.permissions import PUBLIC
from jsonapi import get

ENDPOINT = "/access/v1"


class Configuration(msgspec.Struct):
    """The metadata of a policy decision point (AuthZEN 1.0, Policy Decision Point Metadata)."""

    policy_decision_point: str
    access_evaluation_endpoint: str
    access_evaluations_endpoint: str
    search_subject_endpoint: str
    search_resource_endpoint: str
    search_action_endpoint: str


@get("/.well-known/authzen-configuration", operation_id="readAuthzenConfiguration", permission=PUBLIC, tags=["AuthZEN"])
async def read(runtime: Process) -> Configuration:
    """Say where the AuthZEN API stands."""
    here = runtime.common.public_url.rstrip("/")
    return Configuration(
        policy_decision_point=here,
        access_evaluation_endpoint=f"{here}{ENDPOINT}/evaluation",
        access_evaluations_endpoint=f"{here}{ENDPOINT}/evaluations",
        search_subject_endpoint=f"{here}{ENDPOINT}/search/subject",
        search_resource_endpoint=f"{here}{ENDPOINT}/search/resource",
        search_action_endpoint=f"{here}{ENDPOINT}/search/action",
    )


ROUTES = [read]
