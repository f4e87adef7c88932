"""`POST /api/v5/artifacts/profiles/search`."""

import pytest

PATH = "/api/v5/artifacts/profiles/search"


@pytest.fixture
async def people(world):
    world.ann = await world.person("Ann", role="org.admin")
    world.bob = await world.person("Bob")
    world.pat = await world.person("Pat", role=None)
    world.eve = await world.person("Eve", organization=world.elsewhere)
    world.surgery = await world.department("Surgery", world.ann, world.bob)
    world.icu = await world.department("ICU", world.bob)
    return world


async def search(world, caller=None, **body):
    return await world.post("profiles/search", body, caller)


def names(body):
    return [profile["name"] for profile in body["profiles"]]


def counts(section):
    return {option["name"]: option["count"] for option in section["options"]}


async def test_a_page_and_its_filters(people):
    body = await search(people, people.as_(user=people.ann.user_id))
    assert names(body) == ["Ann Doe", "Bob Doe", "Pat Doe"]
    assert (body["total_count"], body["actor_name"]) == (3, "Ann Doe")
    assert counts(body["department_filter"]) == {"Surgery": 2, "ICU": 1}
    assert counts(body["role_filter"]) == {"Superadmin": 0, "Admin": 1, "Instructor": 0, "Member": 1, "Guest": 1}
    ann = body["profiles"][0]
    assert (ann["initials"], ann["primary_email"], ann["emails"]) == ("AD", "ann@example.org", ["ann@example.org"])
    assert (ann["role"], ann["department_ids"]) == ("admin", [str(people.surgery)])
    assert (ann["can_edit"], ann["can_delete"]) == (True, False)
    assert body["profiles"][1]["can_delete"]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"search": "bob"}, ["Bob Doe"]),
        ({"search": "ann@"}, ["Ann Doe"]),
        ({"role_filter": "guest"}, ["Pat Doe"]),
        ({"filter_department_ids": ["icu"]}, ["Bob Doe"]),
        ({"cohort_ids": ["spring"]}, ["Bob Doe", "Pat Doe"]),
        ({"cohort_search": "SPR"}, ["Bob Doe", "Pat Doe"]),
        ({"cohort_ids": ["spring"], "role_filter": "member"}, ["Bob Doe"]),
        ({"page_size": 1, "page_offset": 1}, ["Bob Doe"]),
    ],
)
async def test_filters(people, body, found):
    spring = await people.cohort("Spring", profile_ids=[str(people.bob.id), str(people.pat.id)])
    ids = {"icu": str(people.icu), "spring": spring}
    given = {name: [ids[item] for item in value] if isinstance(value, list) else value for name, value in body.items()}
    assert names(await search(people, **given)) == found


async def test_counts_respect_the_other_filters(people):
    body = await search(people, filter_department_ids=[str(people.icu)])
    assert counts(body["department_filter"]) == {"Surgery": 2, "ICU": 1}
    assert counts(body["role_filter"])["Admin"] == 0
    assert body["department_filter"]["selected_ids"] == [str(people.icu)]
    body = await search(people, role_filter="admin", role_search="mem", department_search="sur")
    assert counts(body["role_filter"]) == {"Member": 1}
    assert counts(body["department_filter"]) == {"Surgery": 1}


async def test_a_participant_finds_only_themselves(people):
    body = await search(people, people.as_("", user=people.pat.user_id))
    assert names(body) == ["Pat Doe"]
    assert sum(counts(body["role_filter"]).values()) == 1
    assert names(await search(people, people.as_(""))) == []


async def test_a_member_of_another_organization_sees_theirs(people):
    assert names(await search(people, people.as_("org.member", organization=people.elsewhere))) == ["Eve Doe"]


@pytest.mark.parametrize(
    "body", [{"role_filter": "king"}, {"cohort_ids": ["x"]}, {"page_size": 0}, {"other": 1}, {"search": "\x00"}]
)
async def test_bad_bodies(world, body):
    answer = await world.as_().post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", ["Ärzte Óscar", "100% Jo_hn", "İpek Ağa", "王 小明明", "O'Neil \\ Sons", "a"])
async def test_every_part_of_a_name_finds_its_holder(world, name):
    await world.person("Ann")
    made = await world.post("profiles/create", {"profiles": [{"name": name, "email": "Some.One@example.org"}]})
    assert made["results"][0]["success"], made
    parts = {name[start:end] for start in range(len(name)) for end in range(start + 1, len(name) + 1)}
    for part in sorted(parts | {part.swapcase() for part in parts if part.isascii()} | {"some.one@EX"}):
        found = names(await search(world, search=part))
        assert name in found or not part.strip(), part
    assert names(await search(world, search=f"{name}x")) == []
