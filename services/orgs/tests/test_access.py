"""Every operation against every kind of caller."""

from typing import Any
from uuid import UUID, uuid4

import pytest_asyncio
from orgs_world import World, change, new, ok
from sqlalchemy import text
from testkit.access import Line, assert_complete, assert_credentials_refused


def expect(**others: int) -> dict[str, int]:
    return others


def everyone(status: int) -> dict[str, int]:
    callers = ("admin", "leader", "member", "plain", "patient", "support", "stranger", "service")
    return dict.fromkeys(callers, status)


def doc(kind: str, identifier: str | None = None, **attributes: Any) -> dict[str, Any]:
    body = new(kind, **attributes)
    if identifier:
        body["data"]["id"] = identifier
    return body


ORGANIZATION_READ = expect(
    admin=200, leader=200, member=200, plain=200, patient=403, support=200, stranger=404, service=200
)
ORGANIZATION_WRITE = expect(
    admin=1, leader=403, member=403, plain=403, patient=403, support=403, stranger=404, service=404
)
GROUP_READ = expect(admin=200, leader=200, member=200, plain=403, patient=403, support=404, stranger=404, service=200)
GROUP_WRITE = expect(admin=1, leader=1, member=403, plain=403, patient=403, support=404, stranger=404, service=403)
INDIVIDUAL_READ = expect(
    admin=200, leader=200, member=200, plain=403, patient=200, support=404, stranger=404, service=200
)
INDIVIDUAL_WRITE = expect(admin=1, leader=1, member=403, plain=403, patient=1, support=404, stranger=404, service=403)


def allowed(status: int, expected: dict[str, int]) -> dict[str, int]:
    return {caller: status if value == 1 else value for caller, value in expected.items()}


ORGANIZATION, GROUP = "/v1/organizations/{organization}", "/v1/individual-groups/{group}"
CODE, INDIVIDUAL = "/v1/organization-codes/{code}", "/v1/individuals/{individual}"
FEATURE, USER_FEATURE = "/v1/features/{feature}", "/v1/user-features/{user_feature}"
ORGANIZATION_FEATURE = "/v1/organization-features/{organization_feature}"
THEME = "/v1/organization-themes/{theme}"
PEOPLE, STAFF = {"individual-ids": ["{individual}"]}, {"user-ids": ["{member}"]}

TABLE = {
    "listOrganizations": Line("GET", "/v1/organizations/", everyone(200)),
    "createOrganization": Line(
        "POST", "/v1/organizations/", everyone(403) | {"support": 201}, doc("organizations", name="Another")
    ),
    "readOrganization": Line("GET", ORGANIZATION, ORGANIZATION_READ),
    "updateOrganization": Line(
        "PATCH", ORGANIZATION, allowed(200, ORGANIZATION_WRITE), doc("organizations", "{organization}", name="New")
    ),
    "addOrganizationUser": Line(
        "POST",
        f"{ORGANIZATION}/add-user/",
        allowed(201, ORGANIZATION_WRITE),
        doc("organizations", user_id="{member}"),
    ),
    "removeOrganizationUser": Line(
        "POST",
        f"{ORGANIZATION}/remove-user/",
        allowed(201, ORGANIZATION_WRITE),
        doc("organizations", user_id="{member}"),
    ),
    "uploadOrganizationLogo": Line(
        "POST",
        f"{ORGANIZATION}/upload-logo/",
        allowed(201, ORGANIZATION_WRITE),
        {"content-type": "image/png", "filename": "logo.png"},
    ),
    "processOrganizationLogoUpload": Line(
        "POST", f"{ORGANIZATION}/process-logo-upload/", allowed(409, ORGANIZATION_WRITE), {}
    ),
    "readOrganizationLogo": Line("GET", f"{ORGANIZATION}/logo/", everyone(404) | {"nobody": 404}),
    "listOrganizationThemes": Line("GET", "/v1/organization-themes/", everyone(200)),
    "createOrganizationTheme": Line(
        "POST",
        "/v1/organization-themes/",
        everyone(403) | {"support": 201},
        doc("organization-themes", domain="other.example"),
    ),
    "readOrganizationTheme": Line("GET", THEME, allowed(200, ORGANIZATION_READ) | {"patient": 404}),
    "updateOrganizationTheme": Line(
        "PATCH", THEME, everyone(403) | {"support": 200}, doc("organization-themes", "{theme}", domain="new.example")
    ),
    "deleteOrganizationTheme": Line("DELETE", THEME, everyone(403) | {"support": 409}),
    "listFeatures": Line("GET", "/v1/features/", everyone(200)),
    "createFeature": Line("POST", "/v1/features/", everyone(403) | {"support": 201}, doc("features", id="another")),
    "readFeature": Line("GET", FEATURE, everyone(200)),
    "updateFeature": Line(
        "PATCH", FEATURE, everyone(403) | {"support": 200}, doc("features", "{feature}", stage="beta")
    ),
    "deleteFeature": Line("DELETE", FEATURE, everyone(403) | {"support": 409}),
    "addFeatureUsers": Line("POST", f"{FEATURE}/add-users/", everyone(403) | {"support": 201}, STAFF),
    "removeFeatureUsers": Line("POST", f"{FEATURE}/remove-users/", everyone(403) | {"support": 201}, STAFF),
    "listFeatureChanges": Line("GET", f"{FEATURE}/changes/", everyone(200)),
    "listOrganizationFeatures": Line("GET", "/v1/organization-features/", everyone(200)),
    "createOrganizationFeature": Line(
        "POST",
        "/v1/organization-features/",
        allowed(201, ORGANIZATION_WRITE) | {"support": 201},
        doc("organization-features", feature_name="{feature}", organization_id="{organization}"),
    ),
    "readOrganizationFeature": Line("GET", ORGANIZATION_FEATURE, ORGANIZATION_READ | {"patient": 404}),
    "updateOrganizationFeature": Line(
        "PATCH",
        ORGANIZATION_FEATURE,
        allowed(200, ORGANIZATION_WRITE) | {"support": 200},
        doc("organization-features", "{organization_feature}", state="disabled"),
    ),
    "deleteOrganizationFeature": Line(
        "DELETE", ORGANIZATION_FEATURE, allowed(204, ORGANIZATION_WRITE) | {"support": 204}
    ),
    "listUserFeatures": Line("GET", "/v1/user-features/", everyone(200)),
    "createUserFeature": Line(
        "POST",
        "/v1/user-features/",
        allowed(201, ORGANIZATION_WRITE) | {"support": 201},
        doc("user-features", feature_name="{feature}", organization_id="{organization}", user_id="{member}"),
    ),
    "readUserFeature": Line(
        "GET", USER_FEATURE, everyone(404) | {"admin": 200, "member": 200, "support": 200, "service": 200}
    ),
    "updateUserFeature": Line(
        "PATCH",
        USER_FEATURE,
        allowed(200, ORGANIZATION_WRITE) | {"support": 200},
        doc("user-features", "{user_feature}", state="disabled"),
    ),
    "deleteUserFeature": Line("DELETE", USER_FEATURE, allowed(204, ORGANIZATION_WRITE) | {"support": 204}),
    "listUserOrganizations": Line("GET", "/v1/user-organizations/", everyone(200)),
    "deleteUserOrganization": Line("DELETE", "/v1/user-organizations/{membership}", allowed(204, ORGANIZATION_WRITE)),
    "createUserOrganization": Line(
        "POST",
        "/v1/user-organizations/",
        allowed(201, ORGANIZATION_WRITE),
        doc("user-organizations", organization_id="{organization}", user_id="{member}"),
    ),
    "listOrganizationCodes": Line("GET", "/v1/organization-codes/", everyone(200)),
    "createOrganizationCode": Line(
        "POST",
        "/v1/organization-codes/",
        allowed(201, ORGANIZATION_WRITE),
        doc("organization-codes", organization_id="{organization}"),
    ),
    "readOrganizationCode": Line("GET", CODE, ORGANIZATION_READ),
    "updateOrganizationCode": Line(
        "PATCH", CODE, allowed(200, ORGANIZATION_WRITE), doc("organization-codes", "{code}", auto_confirm=True)
    ),
    "deleteOrganizationCode": Line("DELETE", CODE, allowed(204, ORGANIZATION_WRITE)),
    "listOrganizationCodeUsers": Line("GET", f"{CODE}/users/", allowed(200, ORGANIZATION_WRITE)),
    "readOrganizationCodeInfo": Line("GET", "/v1/organization-code-info/{code}", everyone(200) | {"nobody": 200}),
    "listIndividuals": Line("GET", "/v1/individuals/", everyone(200)),
    "createIndividual": Line(
        "POST",
        "/v1/individuals/",
        allowed(201, ORGANIZATION_WRITE) | {"service": 201},
        doc("individuals", owner_id="{organization}"),
    ),
    "transferIndividualOwnership": Line(
        "POST",
        f"{INDIVIDUAL}/transfer-ownership/",
        allowed(201, ORGANIZATION_WRITE) | {"service": 201},
        {"owner-id": "{organization}"},
    ),
    "listIndividualOwners": Line("GET", f"{INDIVIDUAL}/owners/", INDIVIDUAL_READ),
    "createAggregationRequest": Line(
        "POST",
        "/v1/aggregation-requests/",
        everyone(404) | dict.fromkeys(("admin", "leader", "member", "patient", "service"), 201),
        doc("aggregation-requests", entries=[{"column": "group-count", "individual-id": "{individual}"}]),
    ),
    "readAggregationRequest": Line(
        "GET", "/v1/aggregation-requests/{request}", everyone(404) | {"support": 200, "service": 200}
    ),
    "readIndividual": Line("GET", INDIVIDUAL, INDIVIDUAL_READ),
    "updateIndividual": Line(
        "PATCH", INDIVIDUAL, allowed(200, INDIVIDUAL_WRITE), doc("individuals", "{individual}", first_name="Ana")
    ),
    "listIndividualGroups": Line("GET", "/v1/individual-groups/", everyone(200)),
    "createIndividualGroup": Line(
        "POST",
        "/v1/individual-groups/",
        allowed(201, GROUP_WRITE) | {"member": 403, "support": 404},
        doc("individual-groups", organization_id="{organization}", parent_group_id="{group}", name="Below"),
    ),
    "readIndividualGroup": Line("GET", GROUP, GROUP_READ),
    "updateIndividualGroup": Line(
        "PATCH", GROUP, allowed(200, GROUP_WRITE), doc("individual-groups", "{group}", name="New")
    ),
    "deleteIndividualGroup": Line("DELETE", GROUP, allowed(204, GROUP_WRITE)),
    "addIndividualGroupIndividuals": Line("POST", f"{GROUP}/add-individuals/", allowed(201, GROUP_WRITE), PEOPLE),
    "removeIndividualGroupIndividuals": Line("POST", f"{GROUP}/remove-individuals/", allowed(201, GROUP_WRITE), PEOPLE),
    "addIndividualGroupLeaders": Line("POST", f"{GROUP}/add-leaders/", allowed(201, GROUP_WRITE), STAFF),
    "removeIndividualGroupLeaders": Line("POST", f"{GROUP}/remove-leaders/", allowed(201, GROUP_WRITE), STAFF),
    "addIndividualGroupMembers": Line("POST", f"{GROUP}/add-members/", allowed(201, GROUP_WRITE), STAFF),
    "removeIndividualGroupMembers": Line("POST", f"{GROUP}/remove-members/", allowed(201, GROUP_WRITE), STAFF),
    "listEligibleMembers": Line("GET", f"{GROUP}/eligible-members/", allowed(200, GROUP_WRITE)),
    "moveIndividualGroup": Line(
        "POST", f"{GROUP}/move-group/", allowed(201, GROUP_WRITE), {"to-parent-group-id": "{top}"}
    ),
    "previewMoveIndividualGroup": Line(
        "POST", f"{GROUP}/preview-move/", allowed(201, GROUP_WRITE), {"to-parent-group-id": "{top}"}
    ),
    "listIndividualGroupsV2": Line("GET", "/v2/individual-groups/", everyone(200)),
    "readIndividualGroupV2": Line("GET", "/v2/individual-groups/{group}", GROUP_READ),
    "listIndividualGroupIndividuals": Line(
        "GET", "/v1/individual-group-individuals/?individual-group-id={group}", GROUP_READ
    ),
    "listIndividualGroupLeaders": Line("GET", "/v1/individual-group-leaders/?individual-group-id={group}", GROUP_READ),
    "listIndividualGroupLogs": Line("GET", "/v1/individual-group-logs/", everyone(200)),
    "listImports": Line("GET", "/v1/imports/?organization-id={organization}", allowed(200, ORGANIZATION_WRITE)),
    "createImport": Line(
        "POST",
        "/v1/imports/?organization-id={organization}&kind=individuals",
        allowed(400, ORGANIZATION_WRITE),  # this is no CSV file
        doc("any"),
    ),
    "readImport": Line("GET", "/v1/imports/{import}", allowed(200, ORGANIZATION_WRITE)),
    "listExports": Line("GET", "/v1/exports/?organization-id={organization}", allowed(200, ORGANIZATION_WRITE)),
    "createExport": Line(
        "POST",
        "/v1/exports/",
        allowed(201, ORGANIZATION_WRITE),
        {"data": {"type": "exports", "attributes": {"organization-id": "{organization}", "kind": "individuals"}}},
    ),
    "readExport": Line("GET", "/v1/exports/{export}", allowed(200, ORGANIZATION_WRITE)),
    "deleteExport": Line("DELETE", "/v1/exports/{export}", allowed(409, ORGANIZATION_WRITE)),
    "readTask": Line("GET", "/v1/tasks/{task}", everyone(404) | {"admin": 200, "service": 200}),
}


class Scene:
    """A group two levels down that holds an individual, and one caller of each kind."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.names: dict[str, str] = {}
        self.callers: dict[str, Any] = {}

    async def build(self) -> "Scene":
        world = self.world
        organization, other = await world.organization(), await world.organization()
        top = await world.group(organization)
        group = await world.group(organization, top)
        one = await world.individual(organization)
        leader, member, plain = [await world.staff(organization) for _ in range(3)]
        ok(await world.act(top, "add-leaders", user_ids=[leader]), 201)
        ok(await world.act(group, "add-members", user_ids=[member]), 201)
        ok(await world.act(group, "add-individuals", individual_ids=[one]), 201)
        body = new("organization-codes", organization_id=organization)
        code = ok(await world.operator.post("/v1/organization-codes/", json=body), 201)["data"]["id"]
        task = ok(await world.act(top, "move-group", to_parent_group_id=None), 201)["data"]["task-id"]
        query = {"organization-id": str(organization), "kind": "individuals"}
        file = await world.operator.post("/v1/imports/", params=query, content=b"key\na\n")
        wanted = {"data": {"type": "exports", "attributes": query}}
        export = await world.operator.post("/v1/exports/", json=wanted)
        body = new("organization-themes", domain="scene.example")
        theme = ok(await world.operator.post("/v1/organization-themes/", json=body), 201)["data"]["id"]
        body = change("organizations", organization, theme_id=theme)
        ok(await world.operator.patch(f"/v1/organizations/{organization}/", json=body))
        body = new("features", id="scene", assignable=True)
        ok(await world.operator.post("/v1/features/", json=body), 201)
        body = new("organization-features", feature_name="scene", organization_id=organization)
        theirs = ok(await world.operator.post("/v1/organization-features/", json=body), 201)["data"]["id"]
        body = new("user-features", feature_name="scene", organization_id=organization, user_id=member)
        own = ok(await world.operator.post("/v1/user-features/", json=body), 201)["data"]["id"]
        entries = [{"column": "group-count", "individual-id": str(one)}]
        body = new("aggregation-requests", entries=entries)
        asked = await world.operator.post("/v1/aggregation-requests/", json=body)
        query = {"organization-id": str(organization), "user-id": str(member)}
        rows = ok(await world.operator.get("/v1/user-organizations/", params=query))["data"]
        named: dict[str, UUID | str] = {"organization": organization, "top": top, "group": group, "individual": one}
        named |= {"member": member, "code": code, "task": task, "theme": theme, "feature": "scene"}
        named |= {"organization_feature": theirs, "user_feature": own, "membership": rows[0]["id"]}
        named["request"] = ok(asked, 201)["data"]["id"]
        named |= {"import": ok(file, 201)["data"]["id"], "export": ok(export, 201)["data"]["id"]}
        self.names = {name: str(value) for name, value in named.items()}
        self.callers = {
            "admin": world.as_(await world.staff(organization, "org.admin"), roles=("org.admin",)),
            "leader": world.as_(leader),
            "member": world.as_(member),
            "plain": world.as_(plain),
            "support": world.client.as_(user_id=uuid4(), roles=("system.support",)),
            "stranger": world.as_(await world.staff(other, "org.admin"), roles=("org.admin",)),
            "service": world.client.as_service("artifacts"),
            "nobody": world.client,
        }
        return self

    def fill(self, value: Any) -> Any:
        if isinstance(value, str):
            for name, known in self.names.items():
                value = value.replace(f"{{{name}}}", known)
            return value
        if isinstance(value, dict):
            return {key: self.fill(item) for key, item in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value


@pytest_asyncio.fixture
async def scene(world: World, session) -> Scene:
    made = await Scene(world).build()
    patient = uuid4()
    values = {"user": patient, "organization": made.names["organization"], "individual": made.names["individual"]}
    await session.execute(text("UPDATE individuals SET user_id = :user WHERE id = :individual"), values | {})
    insert = "INSERT INTO memberships (id, organization_id, user_id, account_type, individual_id) "
    await session.execute(text(insert + "VALUES (uuidv7(), :organization, :user, 'patient', :individual)"), values)
    made.callers["patient"] = world.as_(patient)
    return made


def test_every_operation_has_a_line(app) -> None:
    assert_complete(app, TABLE)


async def test_bad_credentials(app, session) -> None:
    await assert_credentials_refused(app)


async def test_callers(scene: Scene, session) -> None:
    problems: list[str] = []
    for name, line in TABLE.items():
        for caller, expected in line.expected.items():
            await session.execute(text("SAVEPOINT before_call"))
            body = None if line.body is None else scene.fill(line.body)
            answer = await scene.callers[caller].request(line.method, scene.fill(line.path), json=body)
            await session.execute(text("ROLLBACK TO SAVEPOINT before_call"))
            if answer.status_code != expected:
                problems.append(f"{name}: {caller} got {answer.status_code}, not {expected}: {answer.text}")
    assert not problems, "\n".join(problems)
