"""Acting as a user: asked, allowed by somebody else, short, visible, and never where only the person may act."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from chassis.tokens import jwt_header
from contracts.authz import RoleUserAdded, RoleUserRemoved
from contracts.identity import ImpersonationRequestChanged, SessionEnded
from contracts.impersonation import IdentityCalled, OrgsCalled
from contracts.permissions import ROLE_IDS
from identity_world import NEW_PASSWORD, World, codes, email, new, pointers
from joserfc.util import json_b64decode
from kernel import now
from litestar import Litestar
from testkit.client import Client
from testkit.shape import operations

PATH = "/v1/impersonation-requests/"
FOR_THE_PERSON_ALONE = {
    "changePassword",
    "changeEmail",
    "confirmPhone",
    "createMfaTotp",
    "enableMfaTotp",
    "disableMfaTotp",
    "deleteMfaTotp",
    "switchOrganization",
    "createOnboardingRequest",
    "updateOnboardingRequest",
    "resendOnboardingNotifications",
    "resendInvitation",
    "createRegistrationInvitation",
    "createImpersonationRequest",
    "approveImpersonationRequest",
    "denyImpersonationRequest",
    "impersonate",
}


class Desk:
    """A member of the operator's support, a user in trouble, and an administrator of theirs."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def open(self) -> "Desk":
        world = self.world
        address = email()
        self.support_id = await world.account(email=address)
        role = RoleUserAdded(role_id=ROLE_IDS["system.support"], user_id=self.support_id, name="system.support")
        await world.hear(role)
        self.tokens = await world.signed_in(address)
        self.support = world.bearer(self.tokens["access-token"])
        self.username, self.user_id = await world.confirmed()
        self.admin_id = await world.staff(world.orgs.organization_id, role="org.admin")
        self.admin = world.client.as_(user_id=self.admin_id)
        return self

    async def ask(self, client: Client | None = None, **fields: Any) -> Any:
        body = {"user-id": str(self.user_id), "reason": "Ticket 42: cannot see her plan"} | fields
        return await (client or self.support).post(PATH, json=new("impersonation-requests", body))

    async def approved(self) -> str:
        made = (await self.ask()).json()["data"]["id"]
        answer = await self.admin.post(f"{PATH}{made}/approve/")
        assert answer.status_code == 201, answer.text
        return made

    async def impersonate(self, request_id: str, **fields: int) -> Any:
        body = {name.replace("_", "-"): value for name, value in fields.items()}
        return await self.support.post(f"{PATH}{request_id}/impersonate/", json=body)


@pytest.fixture
async def desk(world: World) -> Desk:
    return await Desk(world).open()


def claims(token: str) -> dict[str, Any]:
    assert jwt_header(token)["typ"] == "at+jwt"
    return json_b64decode(token.split(".")[1].encode())


async def test_somebody_else_allows_it_and_the_tokens_name_both(desk: Desk) -> None:
    world = desk.world
    made = (await desk.ask()).json()["data"]
    assert (made["attributes"]["state"], made["attributes"]["created-by"]) == ("requested", str(desk.support_id))
    assert made["attributes"]["user"] == {"id": str(desk.user_id), "email": desk.username}
    assert codes(await desk.impersonate(made["id"])) == ["not-approved"]
    own = await desk.support.post(f"{PATH}{made['id']}/approve/")
    assert (own.status_code, codes(own)) == (403, ["own-request"])
    approved = (await desk.admin.post(f"{PATH}{made['id']}/approve/")).json()["data"]["attributes"]
    assert (approved["state"], approved["decided-by"]) == ("approved", str(desk.admin_id))
    assert (await desk.admin.post(f"{PATH}{made['id']}/approve/")).status_code == 409
    answer = await desk.impersonate(made["id"])
    assert answer.status_code == 201, answer.text
    tokens = answer.json()
    assert tokens["user-id"] == str(desk.user_id)
    assert tokens["impersonated-by"]["id"] == str(desk.support_id)
    assert (tokens["expires-in"] <= 3600, tokens["refresh-expires-in"] <= 10_800) == (True, True)
    told = claims(tokens["access-token"])
    assert told["act"] == {"sub": str(desk.support_id), "sid": desk.tokens["session-id"]}
    me = await world.bearer(tokens["access-token"]).get(f"/v1/users/{desk.user_id}/")
    assert me.status_code == 200
    message = await world.message("impersonation-started")
    assert (message["recipient"], message["variables"]["reason"]) == (desk.username, "Ticket 42: cannot see her plan")
    states = [event.state for event in await world.events(ImpersonationRequestChanged)]
    assert states == ["requested", "approved", "used"]


async def test_refreshing_stays_within_the_session_and_says_who(desk: Desk) -> None:
    made = await desk.approved()
    first = (await desk.impersonate(made, refresh_token_expiration_seconds=600)).json()
    assert first["refresh-expires-in"] <= 600
    again = await desk.world.refresh(first["refresh-token"])
    assert again.status_code == 201, again.text
    assert again.json()["impersonated-by"]["id"] == str(desk.support_id)
    assert claims(again.json()["access-token"])["act"]["sub"] == str(desk.support_id)
    assert again.json()["expires-in"] <= 600
    await desk.world.rows("UPDATE impersonation_requests SET expires_at = now() + interval '60 seconds'")
    assert (await desk.impersonate(made)).json()["refresh-expires-in"] <= 60
    await desk.world.rows("UPDATE impersonation_requests SET expires_at = now()")
    assert codes(await desk.impersonate(made)) == ["not-approved"]
    read = (await desk.support.get(f"{PATH}{made}/")).json()["data"]["attributes"]
    assert read["state"] == "expired"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"reason": " "}, "/data/attributes/reason"),
        ({"reason": ""}, "/data/attributes/reason"),
        ({"reason": "x" * 1001}, "/data/attributes/reason"),
        ({"user-id": "x"}, "/data/attributes/user-id"),
        ({"state": "approved"}, "/data/attributes/state"),
    ],
    ids=["blank", "empty", "long", "no-id", "unknown"],
)
async def test_bad_requests(desk: Desk, fields, pointer) -> None:
    answer = await desk.ask(**fields)
    assert (answer.status_code, pointers(answer)) == (400, [pointer])


async def test_as_whom_nobody_acts(desk: Desk) -> None:
    world = desk.world
    colleague = await world.account()
    await world.hear(RoleUserAdded(role_id=ROLE_IDS["system.admin"], user_id=colleague, name="system.admin"))
    staff = await desk.ask(**{"user-id": str(colleague)})
    assert (staff.status_code, codes(staff)) == (403, ["system-role"])
    assert (await desk.ask(**{"user-id": str(desk.support_id)})).status_code == 400
    assert (await desk.ask(**{"user-id": str(uuid4())})).status_code == 404
    await world.client.as_operator().post(f"/v1/users/{desk.user_id}/disable/", json={})
    assert (await desk.ask()).status_code == 409
    assert (await desk.ask(desk.admin)).status_code == 403


async def test_lifetimes_have_limits(desk: Desk) -> None:
    made = await desk.approved()
    for name, value in (("access_token", 3601), ("access_token", -1), ("refresh_token", 10_801)):
        answer = await desk.impersonate(made, **{f"{name}_expiration_seconds": value})
        assert answer.status_code == 400


async def test_it_ends_with_the_supports_own_session_or_role(desk: Desk) -> None:
    world = desk.world
    first = (await desk.impersonate(await desk.approved())).json()
    role = {"role_id": ROLE_IDS["system.support"], "user_id": desk.support_id, "name": "system.support"}
    await world.hear(RoleUserRemoved(**role))
    assert (await world.refresh(first["refresh-token"])).status_code == 401
    await world.hear(RoleUserAdded(**role))
    second = (await desk.impersonate(await desk.approved())).json()
    actor = world.bearer(second["access-token"])
    assert (await actor.get("/v1/sessions/")).status_code == 200
    await desk.support.post("/v1/logout/", json={})
    for event in await world.events(SessionEnded):
        world.runtime.revocations.apply(event)
    assert (await actor.get("/v1/sessions/")).status_code == 401
    assert (await world.post("/v1/authenticate/", headers=dict(actor.headers))).status_code == 401
    assert (await world.refresh(second["refresh-token"])).status_code == 401


async def test_the_user_sees_it_and_ends_it(desk: Desk) -> None:
    world = desk.world
    made = await desk.approved()
    tokens = (await desk.impersonate(made)).json()
    me = world.client.as_(user_id=desk.user_id)
    listed = (await me.get(PATH)).json()["data"]
    assert [(row["id"], row["attributes"]["reason"][:9]) for row in listed] == [(made, "Ticket 42")]
    sessions = (await me.get("/v1/sessions/")).json()["data"]
    assert sessions[0]["attributes"]["impersonator-id"] == str(desk.support_id)
    assert (await me.post(f"{PATH}{made}/approve/")).status_code == 403
    denied = await me.post(f"{PATH}{made}/deny/")
    assert denied.json()["data"]["attributes"]["state"] == "denied"
    assert (await world.refresh(tokens["refresh-token"])).status_code == 401
    assert codes(await desk.impersonate(made)) == ["not-approved"]
    assert [event.reason for event in await world.events(SessionEnded)] == ["revoked"]


async def test_the_list_filters_and_hides_what_is_others(desk: Desk) -> None:
    world = desk.world
    made = await desk.approved()

    async def found(client: Client, query: str = "") -> list[str]:
        return [row["id"] for row in (await client.get(f"{PATH}{query}")).json()["data"]]

    for query in (f"?filter[user-id]={desk.user_id}", f"?filter[user-email]={desk.username.upper()}"):
        assert await found(desk.support, query) == [made]
    assert await found(desk.support, f"?filter[created-by]={desk.support_id}") == [made]
    assert await found(desk.support, f"?filter[created-by]={desk.user_id}") == []
    assert await found(desk.admin) == [made]
    stranger = world.client.as_(user_id=await world.staff(uuid4(), role="org.admin"))
    assert await found(stranger) == []
    for action in ("approve/", "deny/", ""):
        answer = await stranger.request("POST" if action else "GET", f"{PATH}{made}/{action}")
        assert answer.status_code == 404


async def test_an_administrator_of_one_of_several_organizations_does_not_decide(desk: Desk) -> None:
    world = desk.world
    await world.belongs(desk.user_id, uuid4(), account_type="patient")
    made = (await desk.ask()).json()["data"]["id"]
    assert (await desk.admin.post(f"{PATH}{made}/approve/")).status_code == 403
    assert (await world.client.as_operator(uuid4()).post(f"{PATH}{made}/approve/")).status_code == 201


async def test_credentials_stay_the_persons_own(desk: Desk) -> None:
    tokens = (await desk.impersonate(await desk.approved())).json()
    actor = desk.world.bearer(tokens["access-token"])
    body = {"new-password": NEW_PASSWORD, "old-password": "x"}
    answer = await actor.post(f"/v1/users/{desk.user_id}/change-password/", json=body)
    assert (answer.status_code, codes(answer)) == (403, ["impersonated"])
    answer = await desk.ask(actor)
    assert (answer.status_code, codes(answer)) == (403, ["impersonated"])
    change = {"data": {"type": "users", "id": str(desk.user_id), "attributes": {"phone": "+14155552671"}}}
    answer = await actor.patch(f"/v1/users/{desk.user_id}/", json=change)
    assert (answer.status_code, pointers(answer)) == (403, ["/data/attributes/phone"])


def test_what_is_for_the_person_alone_says_so(app: Litestar) -> None:
    declared = {str(handler.operation_id) for _, handler in operations(app) if handler.opt.get("in_person")}
    known = {str(handler.operation_id) for _, handler in operations(app)}
    assert FOR_THE_PERSON_ALONE & known <= declared, FOR_THE_PERSON_ALONE & known - declared


async def test_every_call_is_told_and_kept_with_both_people(desk: Desk) -> None:
    world = desk.world
    tokens = (await desk.impersonate(await desk.approved())).json()
    actor = world.bearer(tokens["access-token"])
    await actor.get("/v1/sessions/?page[limit]=1")
    await actor.post(f"/v1/users/{desk.user_id}/switch-organization/", json={"organization-id": str(uuid4())})
    called = await world.events(IdentityCalled)
    assert [(event.method, event.path, event.user_id, event.impersonator_id) for event in called] == [
        ("GET", "/v1/sessions", desk.user_id, desk.support_id),
        ("POST", f"/v1/users/{desk.user_id}/switch-organization", desk.user_id, desk.support_id),
    ]
    for event in called:
        await world.hear(event)
    elsewhere = {
        "session_id": UUID(tokens["session-id"]),
        "user_id": desk.user_id,
        "method": "GET",
        "path": "/v1/tasks/",
    }
    await world.hear(OrgsCalled(impersonator_id=desk.support_id, called_at=now(), **elsewhere))
    operator = world.client.as_operator()
    query = f"filter[impersonator-id]={desk.support_id}&filter[action]=impersonated-call&sort-by=time"
    kept = [row["attributes"] for row in (await operator.get(f"/v1/audit-events/?{query}")).json()["data"]]
    assert [row["details"]["service"] for row in kept] == ["identity", "identity", "orgs"]
    assert {(row["actor"], row["user-id"]) for row in kept} == {(str(desk.user_id), str(desk.user_id))}
    acted = (await operator.get(f"/v1/audit-events/?filter[actor]={desk.support_id}")).json()["data"]
    assert {"impersonation-requested", "impersonation-used"} <= {row["attributes"]["action"] for row in acted}
