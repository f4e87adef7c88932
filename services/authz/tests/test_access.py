"""Every operation against every kind of caller."""

import pytest
from authz.access_grants.models import AccessGrant
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
GRANT = {
    "data": {
        "type": "access-grants",
        "attributes": {
            "organization-id": "{organization}",
            "subject-type": "user",
            "subject-id": "{patient}",
            "resource-type": "group",
            "resource-id": "{group}",
            "operation": "read",
        },
    }
}
GRANT_CHANGE = {"data": {"type": "access-grants", "id": "{grant}", "attributes": {"expires-at": None}}}
SUBJECT = {"type": "user", "id": "{patient}"}
FILE = {"type": "individual", "id": "{file}"}
EVALUATION = {"subject": SUBJECT, "action": {"name": "read"}, "resource": FILE}
FOLLOWED = {"stranger": 400, "member": 403, "leader": 403, "admin": 400, "operator": 400, "service": 400}
FREE = {**CHANGED, "service": 201}
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
    "readRole": Line("GET", "/v1/roles/{role}", SEEN),
    "deleteRole": Line("DELETE", "/v1/roles/{porter}", {**CHANGED, "admin": 204, "operator": 204}),
    "deleteRoleUser": Line("DELETE", "/v1/role-users/{number}", {**CHANGED, "admin": 204, "operator": 204}),
    "listAccessGrants": Line(
        "GET", "/v1/access-grants?organization-id={organization}", {**SEEN, "member": 403, "service": 200}
    ),
    "createAccessGrant": Line("POST", "/v1/access-grants", FREE, GRANT),
    "readAccessGrant": Line("GET", "/v1/access-grants/{grant}", {**SEEN, "member": 404}),
    "updateAccessGrant": Line(
        "PATCH",
        "/v1/access-grants/{grant}",
        {**SEEN, "member": 404},
        GRANT_CHANGE,
    ),
    "deleteAccessGrant": Line(
        "DELETE",
        "/v1/access-grants/{grant}",
        {"stranger": 404, "member": 404, "leader": 404, "admin": 204, "operator": 204, "service": 204},
    ),
    "createAuthzExplanation": Line("POST", "/v1/authz-explanations", ASKED, ABOUT),
    "followAuthzChanges": Line("GET", "/v1/authz-changes?after=no-revision", FOLLOWED),
    "evaluateAccess": Line("POST", "/access/v1/evaluation", READ, EVALUATION),
    "evaluateAccesses": Line("POST", "/access/v1/evaluations", READ, {"evaluations": [EVALUATION]}),
    "searchSubjects": Line("POST", "/access/v1/search/subject", READ, {**EVALUATION, "subject": {"type": "user"}}),
    "searchResources": Line(
        "POST", "/access/v1/search/resource", READ, {**EVALUATION, "resource": {"type": "individual"}}
    ),
    "searchActions": Line("POST", "/access/v1/search/action", READ, {"subject": SUBJECT, "resource": FILE}),
    "readAuthzenConfiguration": Line("GET", "/.well-known/authzen-configuration", dict.fromkeys(ASKED, 200)),
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
    given = await commands.give(session, members, made.group_member)
    porter = await commands.ensure(session, made.organization, "porter")
    grant = AccessGrant(
        organization_id=made.organization,
        subject_type="user",
        subject_id=made.patient,
        resource_type="group",
        resource_id=str(made.ward),
        operation="read",
    )
    session.add(grant)
    await session.flush()
    names = {
        "organization": made.organization,
        "patient": made.patient,
        "member": made.member,
        "role": members.id,
        "file": made.file,
        "group": made.ward,
        "grant": grant.id,
        "number": given.number,
        "porter": porter.id,
    }
    return made, {name: str(one) for name, one in names.items()}


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
