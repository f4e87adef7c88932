"""Every operation against every kind of caller."""

import pytest
from authz.base_facts.models import OrganizationStaff, User
from authz.roles import commands
from clinic import Clinic
from testkit.access import Line, assert_complete, assert_credentials_refused

OWN = {"user-id": "{user}", "access-query": ["organization:{organization}:read"]}
ABOUT = {"user-id": "{patient}", "access-query": ["organization:{organization}:read"]}
ASKED = {"stranger": 403, "member": 403, "leader": 403, "admin": 201, "operator": 201, "service": 201}
READ = {**ASKED, "admin": 200, "operator": 200, "service": 200}
CHANGED = {"stranger": 404, "member": 403, "leader": 404, "admin": 201, "operator": 201, "service": 403}
PERSON = {"data": {"type": "roles", "attributes": {"user-id": "{member}"}}}
NEW_ROLE = {"data": {"type": "roles", "attributes": {"name": "nurse", "organization-id": "{organization}"}}}
NEW_ROLE_USER = {"data": {"type": "role-users", "attributes": {"role-id": "{role}", "user-id": "{member}"}}}
ACCESSORS = "operation=read&resource-type=individual&resource-id={file}&organization-id={organization}"
BULK = {"multi-user-ids": {"user-ids": ["{patient}"], "access-query": OWN["access-query"]}}
SEEN = {"stranger": 404, "member": 200, "leader": 404, "admin": 200, "operator": 200, "service": 200}

TABLE = {
    "createAuthzResourceAccess": Line("POST", "/v1/authz-resource-access", ASKED, ABOUT),
    "createBulkAuthzResourceAccess": Line("POST", "/v1/bulk-authz-resource-access", ASKED, BULK),
    "createAuthzGetAccessibleResources": Line("POST", "/v1/authz-get-accessible-resources", ASKED, ABOUT),
    "listAuthzIndividuals": Line("GET", "/v1/authz-individuals?operation=read&user-id={patient}", READ),
    "listAuthzResourceAccessors": Line("GET", f"/v1/authz-resource-accessors?{ACCESSORS}", READ),
    "readAuthzUserStatus": Line("GET", "/v1/authz-user-status/{patient}", READ),
    "listRoles": Line("GET", "/v1/roles?organization-id={organization}", SEEN),
    "createRole": Line("POST", "/v1/roles", CHANGED, NEW_ROLE),
    "addUserToRole": Line("POST", "/v1/roles/{role}/add-user", CHANGED, PERSON),
    "removeUserFromRole": Line("POST", "/v1/roles/{role}/remove-user", CHANGED, PERSON),
    "listRoleUsers": Line("GET", "/v1/role-users?role-id={role}", SEEN),
    "createRoleUser": Line("POST", "/v1/role-users", CHANGED, NEW_ROLE_USER),
}


def filled(value, names):
    match value:
        case str():
            return value.format(**names)
        case list():
            return [filled(one, names) for one in value]
        case dict():
            return {name: filled(one, names) for name, one in value.items()}
        case _:
            return value


async def arranged(session, index):
    made = Clinic()
    index(*made.events())
    session.add(User(id=made.member, known=True))
    session.add(OrganizationStaff(organization_id=made.organization, user_id=made.member))
    role = await commands.ensure(session, made.organization, "org.admin")
    await commands.give(session, role, made.admin)
    members = await commands.ensure(session, made.organization, "org.member")
    await commands.give(session, members, made.member)
    names = {"organization": made.organization, "patient": made.patient, "member": made.member, "role": members.id}
    return made, {name: str(one) for name, one in (names | {"file": made.file}).items()}


def caller(client, made, kind):
    if kind == "service":
        return client.as_service("orgs")
    if kind == "operator":
        return client.as_operator(made.operator)
    return client.as_(user_id=getattr(made, kind), organization_id=made.organization)


@pytest.mark.parametrize("operation", TABLE)
@pytest.mark.parametrize("kind", ASKED)
async def test_line(client, session, index, operation, kind):
    line = TABLE[operation]
    made, names = await arranged(session, index)
    asking = caller(client, made, kind)
    url = filled(line.path, names)
    answer = await asking.request(line.method, url, json=filled(line.body, names | {"user": names["patient"]}))
    assert answer.status_code == line.expected[kind], answer.text


def test_every_operation_has_a_line(app):
    assert_complete(app, TABLE)


async def test_credentials(app, session):
    await assert_credentials_refused(app)
