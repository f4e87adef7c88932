"""SCIM's schemas and messages as this service speaks them (RFC 7643, RFC 7644), and their errors as ours.

Directories deviate from the standard: unknown attributes are dropped rather than refused, a `remove` may carry the
values to remove, and a selection that matches nothing makes the entry that it describes (Microsoft Entra ID).
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any, cast

from kernel import DomainError
from pydantic import Field, ValidationError
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Context,
    Error,
    Extension,
    Mutability,
    PatchOp,
    Reference,
    Required,
    Resource,
    ResourceType,
    SCIMException,
    ScimPolicy,
    ScimProvider,
    SearchRequest,
    ServiceProviderConfig,
    User,
)
from scim2_models.resources.service_provider_config import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ETag,
    Filter,
    Pagination,
    Patch,
    Sort,
)

MEDIA = "application/scim+json"
MOST_RESULTS = 200
DEFAULT_RESULTS = 100
MOST_OPERATIONS = 100
LARGEST_BULK = 1024 * 1024
LONGEST_FILTER = 4096

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MANAGER = re.compile(re.escape(ENTERPRISE) + r"[:.]manager$", re.IGNORECASE)

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


class Manager(ComplexAttribute):
    """Whom a user works for. Unlike the standard's, it may be named by its id alone, as directories do."""

    value: Annotated[str | None, CaseExact.true] = None
    """The id of the manager in the directory."""

    display_name: Annotated[str | None, Mutability.read_only] = None
    """The manager's name."""


class EnterpriseUser(Extension):
    """What an enterprise says of its people (RFC 7643, section 4.3)."""

    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    """What the organization calls the person."""

    cost_center: str | None = None
    """The name of a cost center."""

    organization: str | None = None
    """The name of an organization."""

    division: str | None = None
    """The name of a division."""

    department: str | None = None
    """The name of a department."""

    manager: Manager | None = None
    """The person's manager."""


class Member(ComplexAttribute):
    """A user who belongs to a group. Groups within groups are not supported."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The user's id."""

    ref: Annotated[Reference[User[Any]] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """The user's address."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """What the member is."""


class Group(Resource[Any]):
    """A group of the directory: its members have a role of the organization."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    """The group's name."""

    members: list[Member] | None = None
    """Who belongs to it."""


Person: Any = User[EnterpriseUser]

CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=MOST_OPERATIONS, max_payload_size=LARGEST_BULK),
    filter=Filter(supported=True, max_results=MOST_RESULTS),
    change_password=ChangePassword(supported=True),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    pagination=Pagination(cursor=False, index=True, default_page_size=DEFAULT_RESULTS, max_page_size=MOST_RESULTS),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="An API key of the organization with the scope `scim`.",
            primary=True,
        )
    ],
)
PROVIDER = ScimProvider(
    models=[User, EnterpriseUser, Group],
    resource_types=[ResourceType.from_resource(Person), ResourceType.from_resource(Group)],
    config=CONFIG,
    policy=POLICY,
)


class Problem(DomainError):
    """What SCIM answers instead of a resource. `code` is the standard's `scimType` where it names one."""

    code = "invalidValue"


@contextmanager
def told() -> Generator[None]:
    """Turn what the library refuses into a Problem."""
    try:
        yield
    except ValidationError as error:
        raise problem(Error.from_validation_errors(error)[0]) from None
    except SCIMException as error:
        raise problem(error.to_error()) from None


def problem(error: Error) -> Problem:
    """One of the library's errors."""
    return Problem(error.detail or "The request is not valid.", status=error.status or 400, code=error.scim_type or "")


def resource(model: Any, body: Any, context: Context) -> Any:
    """A resource as a directory sends it whole. Raises Problem."""
    with told():
        return model.model_validate(body, scim_ctx=context, scim_provider=PROVIDER)


def kept(model: Any, document: dict[str, Any]) -> Any:
    """A resource as it is kept."""
    return model.model_validate(document, scim_ctx=Context.DEFAULT, scim_policy=POLICY)


def plain(made: Any) -> dict[str, Any]:
    """A resource as JSON, as it is kept."""
    return made.model_dump(scim_ctx=Context.DEFAULT)


def patched(model: Any, before: Any, body: Any) -> Any:
    """A copy of a resource with a PATCH applied to it. Raises Problem."""
    with told():
        operations = PatchOp[model].model_validate(
            loosened(body), scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_provider=PROVIDER
        )
        after = before.model_copy(deep=True)
        operations.patch(after, POLICY)
        return after


def replaced(model: Any, before: Any, body: Any) -> Any:
    """What a PUT makes of a resource: what it does not name is gone. Raises Problem."""
    after = resource(model, body, Context.RESOURCE_REPLACEMENT_REQUEST)
    with told():
        after.replace(before)
    return after


def searching(model: Any, asked: dict[str, Any]) -> Any:
    """What a search asks for. Raises Problem."""
    if len(str(asked.get("filter") or "")) > LONGEST_FILTER:
        raise Problem(f"A filter has {LONGEST_FILTER} characters at most.", code="invalidFilter")
    with told():
        return SearchRequest[model].model_validate(asked, scim_ctx=Context.SEARCH_REQUEST, scim_provider=PROVIDER)


def loosened(body: Any) -> Any:
    """A PATCH with what Microsoft Entra ID sends for a manager: the id where an object belongs."""
    if not isinstance(body, dict):
        return body
    return {
        name: [_operation(one) for one in cast("list[Any]", value)] if isinstance(value, list) else value
        for name, value in cast("dict[str, Any]", body).items()
    }


def _operation(one: Any) -> Any:
    if not isinstance(one, dict):
        return one
    operation = cast("dict[str, Any]", one)
    path, value = operation.get("path"), operation.get("value")
    if isinstance(path, str) and MANAGER.match(path) and isinstance(value, str):
        return operation | {"value": {"value": value}}
    return operation
