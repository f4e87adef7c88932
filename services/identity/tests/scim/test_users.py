"""Users as an organization's directory provisions them."""

from typing import Any
from uuid import uuid4

import pytest
from contracts.identity import MemberProvisioned, MemberRemoved, UserConfirmed, UserCreated, UserDisabled
from contracts.orgs import OrganizationUserRemoved
from directories import ENTERPRISE, USER, Directory, directory, new_user
from identity_world import PASSWORD, World, codes


def problem(answer: Any) -> tuple[int, str | None]:
    assert answer.headers["content-type"] == "application/scim+json"
    content = answer.json()
    assert content["status"] == str(answer.status_code)
    return answer.status_code, content.get("scimType")


async def test_a_provisioned_person_signs_in_and_a_deprovisioned_one_does_not(world: World) -> None:
    ours = await directory(world)
    made = await ours.user(password=PASSWORD, externalId="00u1", locale="es-US", timezone="America/Chicago")
    assert "password" not in made
    assert made["active"] is True
    assert made["meta"]["location"].endswith(f"/scim/v2/{ours.organization_id}/Users/{made['id']}")
    announced = [type(event) for event in await world.events() if getattr(event, "user_id", None) == _id(made)]
    assert announced[:3] == [UserCreated, UserConfirmed, MemberProvisioned]
    tokens = (await world.sign_in(made["userName"])).json()
    assert (tokens["organization-id"], tokens["locale"]) == (str(ours.organization_id), "es_US")
    me = world.bearer(tokens["access-token"])
    assert (await me.get("/v1/sessions/")).status_code == 200
    gone = await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    assert gone.json()["active"] is False
    assert await world.events(UserDisabled)
    assert codes(await world.sign_in(made["userName"])) == ["invalid-credentials"]
    assert codes(await world.refresh(tokens["refresh-token"])) == ["session-ended"]
    back = await ours.patch(f"Users/{made['id']}", {"op": "replace", "value": {"active": True}})
    assert back.json()["active"] is True
    assert (await world.sign_in(made["userName"])).status_code == 201


async def test_everything_that_was_told_is_kept_and_what_nobody_knows_is_dropped(world: World) -> None:
    ours = await directory(world)
    told = {
        "schemas": [USER, ENTERPRISE],
        "displayName": "Rear Admiral",
        "title": "Admiral",
        "phoneNumbers": [{"value": "tel:+1-201-555-0123", "type": "work"}],
        "addresses": [{"locality": "Arlington", "type": "home", "primary": True}],
        "roles": [{"value": "admiral"}],
        ENTERPRISE: {"employeeNumber": "7", "manager": {"value": "26118915"}},
        "favouriteColour": "blue",
    }
    made = await ours.user(**told)
    read = (await ours.get(f"Users/{made['id']}")).json()
    for name, value in told.items():
        if name == "favouriteColour":
            assert name not in read
        else:
            assert read[name] == value, name


async def test_names_in_use_are_refused_alike_wherever_they_are(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    made = await theirs.user()
    taken, _ = await world.confirmed()
    for username in (made["userName"], made["userName"].upper(), taken):
        answer = await ours.post("Users", new_user(userName=username))
        assert problem(answer) == (409, "uniqueness")
        assert answer.json()["detail"] == "The userName or e-mail address is in use."


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"userName": None}, "invalidValue"),
        ({"userName": "\u200b"}, "invalidValue"),
        ({"emails": [{"value": "nobody"}]}, "invalidValue"),
        ({"emails": "a@example.org"}, "invalidValue"),
        ({"active": "perhaps"}, "invalidValue"),
        ({"password": "password"}, "invalidValue"),
        ({"name": {"givenName": "a\u0000b"}}, "invalidValue"),
        ({"schemas": ["urn:nobody:knows"]}, "invalidSyntax"),
    ],
    ids=["no name", "no visible name", "no address", "no list", "no boolean", "weak password", "NUL", "schema"],
)
async def test_what_is_no_user_is_refused(world: World, fields: dict[str, Any], kind: str) -> None:
    ours = await directory(world)
    status, told = problem(await ours.post("Users", new_user(**fields)))
    assert (status, told in {kind, "invalidValue", "invalidSyntax"}) == (400, True)


async def test_a_body_that_is_no_json_and_one_that_is_no_object(world: World) -> None:
    ours = await directory(world)
    for content in (b"{", b"\xff", b"[" * 5000, b"[]", b"3", b""):
        answer = await ours.client.post(ours.url("Users"), content=content)
        assert problem(answer)[0] == 400, content


async def test_another_organizations_people_are_not_found(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    made = await theirs.user()
    for answer in (
        await ours.get(f"Users/{made['id']}"),
        await ours.put(f"Users/{made['id']}", new_user()),
        await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": False}),
        await ours.delete(f"Users/{made['id']}"),
        await ours.get(f"Users/{uuid4()}"),
        await ours.get("Users/nobody"),
        await ours.client.get(theirs.url("Users")),
        await ours.client.get(theirs.url("ServiceProviderConfig")),
        await ours.client.post(theirs.url("Users"), json=new_user()),
    ):
        assert problem(answer)[0] == 404
    assert await ours.find(f'userName eq "{made["userName"]}"') == []


async def test_a_key_needs_the_scope_and_an_administrator(world: World) -> None:
    ours = await directory(world)
    member = await world.staff(ours.organization_id)
    weak = Directory(world.client, ours.organization_id, member)
    assert problem(await weak.get("Users"))[0] == 403
    from testkit.principals import key_token

    narrow = key_token(organization_id=ours.organization_id, scopes=("group:read",), user_id=ours.admin)
    assert (await world.client.with_token(narrow).get(ours.url("Users"))).status_code == 403


async def test_who_belongs_elsewhere_too_only_leaves(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    made = await ours.user(password=PASSWORD)
    await world.belongs(made["id"], theirs.organization_id, role="org.member")
    gone = await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    assert gone.json()["active"] is False
    assert [event.organization_id for event in await world.events(MemberRemoved)] == [ours.organization_id]
    assert await world.events(UserDisabled) == []
    tokens = (await world.sign_in(made["userName"])).json()
    assert tokens["organizations"] == [str(theirs.organization_id)]
    back = await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": True})
    assert back.json()["active"] is True
    assert len((await world.sign_in(made["userName"])).json()["organizations"]) == 2


async def test_whom_orgs_takes_out_is_inactive_until_the_directory_says_otherwise(world: World) -> None:
    ours = await directory(world)
    made = await ours.user(password=PASSWORD)
    await world.hear(OrganizationUserRemoved(organization_id=ours.organization_id, user_id=_id(made)))
    assert (await ours.get(f"Users/{made['id']}")).json()["active"] is False
    titled = await ours.patch(f"Users/{made['id']}", {"op": "add", "path": "title", "value": "Admiral"})
    assert titled.json()["active"] is False
    back = await ours.patch(f"Users/{made['id']}", {"op": "replace", "path": "active", "value": True})
    assert back.json()["active"] is True
    assert (await world.sign_in(made["userName"])).json()["organizations"] == [str(ours.organization_id)]


async def test_what_signs_others_in_is_not_the_directorys_to_change(world: World) -> None:
    ours = await directory(world)
    member = await world.staff(ours.organization_id)
    seen = (await ours.get(f"Users/{member}")).json()
    assert seen["active"] is True
    for operation in (
        {"op": "replace", "path": "userName", "value": "another@example.org"},
        {"op": "replace", "path": "password", "value": PASSWORD},
    ):
        assert problem(await ours.patch(f"Users/{member}", operation)) == (400, "mutability")
    moved = {"op": "replace", "path": "emails", "value": [{"value": "thief@example.org", "primary": True}]}
    assert (await ours.patch(f"Users/{member}", moved)).status_code == 200
    kept = (await world.rows("SELECT email FROM users WHERE id = :id", id=member))[0].email
    assert kept == seen["emails"][0]["value"]
    named = await ours.patch(f"Users/{member}", {"op": "replace", "path": "name.givenName", "value": "Amazing"})
    assert named.json()["name"]["givenName"] == "Amazing"


async def test_a_deleted_person_is_not_shown_and_comes_back_with_the_same_id(world: World) -> None:
    ours = await directory(world)
    fields = {"password": PASSWORD, "title": "Admiral"}
    made = await ours.user(**fields)
    assert (await ours.delete(f"Users/{made['id']}")).status_code == 204
    assert problem(await ours.get(f"Users/{made['id']}"))[0] == 404
    assert problem(await ours.delete(f"Users/{made['id']}"))[0] == 404
    assert await ours.find(f'userName eq "{made["userName"]}"') == []
    assert codes(await world.sign_in(made["userName"])) == ["invalid-credentials"]
    kept = await world.rows("SELECT attributes FROM scim_users WHERE user_id = CAST(:id AS uuid)", id=made["id"])
    assert kept[0].attributes == {}
    again = await ours.user(userName=made["userName"])
    assert (again["id"], "title" in again) == (made["id"], False)
    assert (await world.sign_in(made["userName"])).status_code == 201


async def test_versions(world: World) -> None:
    ours = await directory(world)
    made = await ours.user()
    path = f"Users/{made['id']}"
    answer = await ours.get(path)
    tag = answer.headers["etag"]
    assert answer.json()["meta"]["version"] == tag
    unchanged = await ours.client.get(ours.url(path), headers={"if-none-match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    titled = {"op": "replace", "path": "title", "value": "Admiral"}
    changed = await ours.patch(path, titled, **{"if-match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag
    for stale in (
        await ours.patch(path, titled, **{"if-match": tag}),
        await ours.put(path, new_user(userName=made["userName"]), **{"if-match": tag}),
        await ours.delete(path, **{"if-match": tag}),
    ):
        assert problem(stale)[0] == 412
    assert (await ours.delete(path, **{"if-match": f'"x", {changed.headers["etag"]}'})).status_code == 204


async def test_only_what_is_asked_for_is_answered(world: World) -> None:
    ours = await directory(world)
    made = await ours.user(title="Admiral")
    some = (await ours.get(f"Users/{made['id']}", params={"attributes": "name.familyName,emails.value"})).json()
    assert set(some) == {"schemas", "id", "name", "emails"}
    assert some["name"] == {"familyName": "Hopper"}
    rest = (await ours.get(f"Users/{made['id']}", params={"excludedAttributes": "emails,meta"})).json()
    assert "emails" not in rest
    assert rest["title"] == "Admiral"
    both = {"attributes": "title", "excludedAttributes": "meta"}
    assert problem(await ours.get(f"Users/{made['id']}", params=both))[0] == 400


async def test_a_changed_password_and_address(world: World) -> None:
    ours = await directory(world)
    made = await ours.user()
    assert codes(await world.sign_in(made["userName"])) == ["invalid-credentials"]
    set_ = {"op": "replace", "path": "password", "value": PASSWORD}
    assert (await ours.patch(f"Users/{made['id']}", set_)).status_code == 200
    assert (await world.sign_in(made["userName"])).status_code == 201
    moved = [
        {"op": "replace", "path": "userName", "value": "rear.admiral@example.org"},
        {"op": "replace", "path": 'emails[type eq "work"].value', "value": "rear.admiral@example.org"},
    ]
    assert (await ours.patch(f"Users/{made['id']}", *moved)).status_code == 200
    row = (await world.rows("SELECT username, email, email_verified FROM users WHERE id = :id", id=_id(made)))[0]
    assert tuple(row) == ("rear.admiral@example.org", "rear.admiral@example.org", False)
    assert (await world.sign_in("rear.admiral@example.org")).status_code == 201


async def show(world: World, ours: Directory, domain: str) -> None:
    """A domain is the organization's, as its identity provider has shown."""
    await world.rows(
        """
        WITH made AS (
            INSERT INTO identity_providers (id, organization_id, name, protocol, enabled, just_in_time,
                trusts_second_factor, allows_unsolicited, issuer, endpoints, configured_at, client_authentication,
                scopes, attribute_names, group_rules, redirect_addresses)
            SELECT gen_random_uuid(), :organization, 'x', 'oidc', false, false, false, false, 'x', '{}', now(), 'x',
                '{}', '{}', '[]', '{}' RETURNING id)
        INSERT INTO identity_provider_domains (provider_id, domain, token, verified_at)
        SELECT id, :domain, 'x', now() FROM made
        """,
        organization=ours.organization_id,
        domain=domain,
    )


async def test_addresses_are_verified_in_the_organizations_own_domains(world: World) -> None:
    ours, theirs = await directory(world), await directory(world)
    early = await ours.user(emails=[{"value": "early@clinic.example.org"}])
    await show(world, ours, "clinic.example.org")
    late = await ours.user(emails=[{"value": "late@Clinic.example.org"}])
    other = await theirs.user(emails=[{"value": "other@clinic.example.org"}])
    elsewhere = await ours.user(emails=[{"value": "ada@example.org"}])

    async def verified(made: dict[str, Any]) -> bool:
        return (await world.rows("SELECT email_verified AS it FROM users WHERE id = :id", id=_id(made)))[0].it

    assert [await verified(one) for one in (early, late, other, elsewhere)] == [False, True, False, False]
    await ours.patch(f"Users/{early['id']}", {"op": "add", "path": "title", "value": "x"})
    assert await verified(early)
    again = await ours.post("Users", new_user(emails=[{"value": "LATE@clinic.example.org"}]))
    assert problem(again) == (409, "uniqueness")
    moved = {"op": "replace", "path": "emails", "value": [{"value": "late@clinic.example.org"}]}
    assert problem(await ours.patch(f"Users/{early['id']}", moved)) == (409, "uniqueness")


def _id(made: dict[str, Any]) -> Any:
    from uuid import UUID

    return UUID(made["id"])
