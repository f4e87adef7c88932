"""GET /v1/authz-individuals."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from authz.authz_individuals import queries
from authz.individual_attributes.models import IndividualAttributes
from authz.individual_attributes.queries import flags
from contracts import orgs
from kernel import uuid7

URL = "/v1/authz-individuals"


async def ask(client, user, **more):
    return await client.get(URL, params={"user-id": str(user), "operation": "read", **more})


async def test_filters(client, clinic):
    caller = client.as_service("orgs")
    file = [str(clinic.file)]
    for more, found in [
        ({}, file),
        ({"operation": "write"}, file),
        ({"filter[organization-id]": str(clinic.organization)}, file),
        ({"filter[organization-id]": str(clinic.other)}, []),
        ({"filter[group-id]": str(clinic.room)}, file),
        ({"filter[group-id]": str(clinic.ward)}, []),
        ({"filter[group-id]": str(uuid4())}, []),
        ({"filter[group-members-with-leader-id]": str(clinic.leader)}, file),
        ({"filter[group-members-with-leader-id]": str(clinic.member)}, []),
        ({"filter[exclude-owner-ids]": str(clinic.organization)}, []),
        ({"filter[exclude-owner-ids]": str(uuid4())}, file),
        ({"page[offset]": "5"}, []),
    ]:
        answer = await ask(caller, clinic.admin, **more)
        assert answer.status_code == 200, more
        assert answer.json()["resource-ids"] == found, more


async def test_wrong_parameters(client, clinic):
    caller = client.as_service("orgs")
    for more, name in [({"operation": "contain"}, "operation"), ({"filter[group-id]": "x"}, "filter[group-id]")]:
        answer = await ask(caller, clinic.admin, **more)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["source"]["parameter"] == name
    assert (await caller.get(URL)).status_code == 400
    assert (await ask(client.as_(user_id=clinic.member), clinic.admin)).status_code == 403


async def known(session, index, clinic, *people):
    """Individuals of the other organization with these attributes, in the database and in the index."""
    replica, made = index(), []
    for person in people:
        identifier = uuid7()
        made.append(str(identifier))
        owned = orgs.IndividualRegistered(individual_id=identifier, owner_id=clinic.other, owner_type="organization")
        replica.apply("individual", str(identifier), 1, owned)
        session.add(IndividualAttributes(individual_id=identifier, **person))
    await session.flush()
    everybody = [UUID(one) for one in made]
    replica.facts.set_flags(made, await flags(session, everybody))
    return made


@pytest.mark.parametrize("few", [5000, 0])
async def test_filters_of_attributes(client, session, clinic, index, monkeypatch, few):
    """By either way: candidates sent to the database, or taken from its answer."""
    monkeypatch.setattr(queries, "FEW", few)
    ann, bob, cid = await known(
        session,
        index,
        clinic,
        {"first_name": "ann", "last_name": "lee", "birth_date": date(1990, 2, 28), "email_verified": True},
        {"first_name": "ann", "last_name": "öz", "email": "bob@x.test", "phone": "+491", "registered": True},
        {"provider": True, "phone_verified": True, "birth_date": date(1990, 2, 28), "registered": True},
    )
    caller = client.as_service("orgs")
    for more, found in [
        ({"first-name": "ANN"}, [ann, bob]),
        ({"first-name": "an"}, []),
        ({"last-name": "ÖZ"}, [bob]),
        ({"first-name": "ann", "last-name": "lee"}, [ann]),
        ({"birth-date": "1990-02-28"}, [ann, cid]),
        ({"email": "Bob@X.test"}, [bob]),
        ({"phone": "+491"}, [bob]),
        ({"email-verified": "true"}, [ann]),
        ({"email-verified": "false"}, [bob, cid]),
        ({"phone-verified": "true"}, [cid]),
        ({"registered": "true"}, [bob, cid]),
        ({"registered": "false"}, [ann]),
        ({"account-type": "provider"}, [cid]),
        ({"account-type": "patient"}, [ann, bob]),
        ({"account-type": "robot"}, []),
        ({"registered": "true", "birth-date": "1990-02-28", "account-type": "provider"}, [cid]),
        ({"registered": "true", "first-name": "ann", "organization-id": str(clinic.other)}, [bob]),
        ({"registered": "true", "first-name": "ann", "organization-id": str(clinic.organization)}, []),
        ({"exclude-owner-ids": str(clinic.other), "first-name": "ann"}, []),
    ]:
        named = {f"filter[{name}]": value for name, value in more.items()}
        answer = (await ask(caller, clinic.stranger, **named)).json()
        assert answer["resource-ids"] == found, more
        assert answer["meta"]["page[total]"] == len(found), more
    page = {"filter[registered]": "true", "page[limit]": "1", "page[offset]": "1"}
    answer = (await ask(caller, clinic.stranger, **page)).json()
    assert (answer["resource-ids"], answer["meta"]["page[total]"]) == ([cid], 2)
    assert (await ask(caller, clinic.member, **{"filter[first-name]": "ann"})).json()["resource-ids"] == []


async def test_attributes_that_are_malformed(client, clinic):
    for name, value in [
        ("birth-date", "28.2.1990"),
        ("email-verified", "perhaps"),
        ("account-type", "x" * 11),
        ("first-name", ""),
        ("last-name", "a\0"),
        ("email", "x" * 256),
        ("nick-name", "x"),
    ]:
        answer = await ask(client.as_service("orgs"), clinic.admin, **{f"filter[{name}]": value})
        assert answer.status_code == 400, name
        assert answer.json()["errors"][0]["source"]["parameter"] == f"filter[{name}]"
