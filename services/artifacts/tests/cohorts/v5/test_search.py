"""`POST /api/v5/artifacts/cohorts/search`."""

import pytest
from artifacts.cohorts.models import Cohort
from sqlalchemy import update

PATH = "/api/v5/artifacts/cohorts/search"


@pytest.fixture
async def set_(world):
    """Three cohorts over two simulations, departments and people."""
    world.ann, world.bob = await world.person("Ann"), await world.person("Bob")
    world.surgery, world.icu = await world.department("Surgery", world.ann), await world.department("ICU")
    world.triage, world.sepsis = await world.simulation("Triage"), await world.simulation("Sepsis")
    world.ids = [
        await world.cohort(
            "Spring 100%",
            description="the first",
            profile_ids=[str(world.ann.id), str(world.bob.id)],
            department_ids=[str(world.surgery)],
            simulation_ids=[str(world.triage)],
        ),
        await world.cohort(
            "Summer", profile_ids=[str(world.bob.id)], simulation_ids=[str(world.triage), str(world.sepsis)]
        ),
        await world.cohort("Autumn", department_ids=[str(world.icu), str(world.surgery)], active_flag=False),
    ]
    await world.cohort("Spring elsewhere", world.as_(organization=world.elsewhere))
    return world


def names(body) -> list[str]:
    return [cohort["name"] for cohort in body["cohorts"]]


def counts(section) -> dict[str, int]:
    return {option["name"]: option["count"] for option in section["options"]}


async def search(world, caller=None, **body):
    return await world.post("cohorts/search", body, caller)


async def test_a_page_and_its_filters(set_):
    body = await search(set_, caller=set_.as_("org.member", user=set_.bob.user_id))
    assert names(body) == ["Autumn", "Summer", "Spring 100%"]
    assert (body["total_count"], body["actor_name"], body["user_role"]) == (3, "Bob Doe", "member")
    assert counts(body["simulation_filter"]) == {"Triage": 2, "Sepsis": 1}
    assert counts(body["department_filter"]) == {"Surgery": 2, "ICU": 1}
    assert counts(body["profile_filter"]) == {"Bob Doe": 2, "Ann Doe": 1}
    assert counts(body["flag_filter"]) == {"Active": 2, "Inactive": 1}
    assert {row["name"] for row in body["profiles"]} == {"Ann Doe", "Bob Doe"}
    assert {row["name"] for row in body["departments"]} == {"Surgery", "ICU"}
    assert {row["name"] for row in body["simulations"]} == {"Triage", "Sepsis"}
    assert [field["name"] for field in body["import_fields"] if field["required"]] == ["name"]
    autumn, summer, spring = body["cohorts"]
    assert spring["profile_ids"] == [str(set_.ann.id), str(set_.bob.id)]
    assert (spring["num_members"], spring["description"], spring["usage_count"]) == (2, "the first", 0)
    assert (autumn["is_inactive"], spring["is_inactive"]) == (True, False)
    assert [cohort["can_leave"] for cohort in (autumn, summer, spring)] == [False, True, True]
    assert not any(cohort[f"can_{what}"] for cohort in body["cohorts"] for what in ("edit", "delete", "duplicate"))
    assert spring["updated_at"].endswith("Z")


async def test_writers_may_change(set_):
    body = await search(set_)
    assert all(cohort[f"can_{what}"] for cohort in body["cohorts"] for what in ("edit", "delete", "duplicate"))
    assert body["user_role"] == "admin"


async def test_counts_respect_the_other_filters(set_):
    body = await search(set_, filter_simulation_ids=[str(set_.sepsis)])
    assert names(body) == ["Summer"]
    assert counts(body["simulation_filter"]) == {"Triage": 2, "Sepsis": 1}
    assert counts(body["profile_filter"]) == {"Bob Doe": 1}
    assert counts(body["department_filter"]) == {}
    assert counts(body["flag_filter"]) == {"Active": 1, "Inactive": 0}
    assert body["simulation_filter"]["selected_ids"] == [str(set_.sepsis)]


async def test_a_selected_choice_stays_visible_at_zero(set_):
    body = await search(set_, filter_department_ids=[str(set_.icu)], filter_simulation_ids=[str(set_.triage)])
    assert names(body) == []
    assert counts(body["department_filter"]) == {"Surgery": 1, "ICU": 0}
    assert counts(body["simulation_filter"]) == {"Triage": 0}


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"filter_profile_ids": ["ann"]}, ["Spring 100%"]),
        ({"filter_profile_ids": ["ann", "bob"]}, ["Summer", "Spring 100%"]),
        ({"filter_department_ids": ["surgery"]}, ["Autumn", "Spring 100%"]),
        ({"filter_department_ids": ["surgery"], "filter_profile_ids": ["bob"]}, ["Spring 100%"]),
    ],
)
async def test_filters(set_, filters, found):
    ids = {"ann": set_.ann.id, "bob": set_.bob.id, "surgery": set_.surgery}
    body = await search(set_, **{name: [str(ids[value]) for value in values] for name, values in filters.items()})
    assert names(body) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("spr", ["Spring 100%"]),
        ("THE FIRST", ["Spring 100%"]),
        ("100%", ["Spring 100%"]),
        ("%", ["Spring 100%"]),
        ("_", []),
        ("\\", []),
        ("", ["Autumn", "Summer", "Spring 100%"]),
    ],
)
async def test_search_takes_text_as_it_is(set_, text, found):
    assert names(await search(set_, search=text)) == found


async def test_choices_are_searched(set_):
    body = await search(set_, simulation_search="TRI", profile_search="ann", department_search="x", flag_search="in")
    assert counts(body["simulation_filter"]) == {"Triage": 2}
    assert counts(body["profile_filter"]) == {"Ann Doe": 1}
    assert counts(body["department_filter"]) == {}
    assert counts(body["flag_filter"]) == {"Inactive": 1}
    assert body["profile_filter"]["search"] == "ann"


async def test_pages(set_):
    first = await search(set_, page_size=2)
    second = await search(set_, page_size=2, page_offset=2)
    assert (names(first), names(second)) == (["Autumn", "Summer"], ["Spring 100%"])
    assert second["total_count"] == 3
    assert names(await search(set_, page_offset=10)) == []


async def test_references_are_counted(set_):
    (number,) = await set_.session.scalars(
        update(Cohort)
        .where(Cohort.id == set_.ids[1])
        .values(filters={"properties": {"type": "AND", "values": [{"type": "cohort", "key": "id", "value": 1}]}})
        .returning(Cohort.number)
    )
    assert number == 2
    body = await search(set_)
    assert [cohort["usage_count"] for cohort in body["cohorts"]] == [0, 0, 1]


async def test_the_number_of_statements_does_not_grow(set_, statements):
    few = await statements(search(set_))
    for index in range(20):
        await set_.cohort(f"More {index}", profile_ids=[str(set_.ann.id)])
    assert await statements(search(set_)) == few


@pytest.mark.parametrize(
    "body",
    [
        {"page_size": 0},
        {"page_size": 1001},
        {"page_offset": -1},
        {"page_size": "10"},
        {"search": "x" * 201},
        {"search": "a\x00"},
        {"search": ["x"]},
        {"filter_profile_ids": ["me"]},
        {"filter_profile_ids": "me"},
        {"sort": "name"},
    ],
)
async def test_bad_bodies(world, body):
    answer = await world.as_().post(PATH, json=body)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"].startswith(f"/{next(iter(body))}")


async def test_without_an_organization(world):
    answer = await world.client.as_(roles=("org.admin",)).post(PATH, json={})
    assert (answer.status_code, answer.json()["code"]) == (403, "organization-required")


async def test_counts_of_people_follow_every_write(set_):
    """Unfiltered they are read from a table of their own; filtered they are counted."""
    summer, spring = set_.ids[1], set_.ids[0]

    async def both() -> dict[str, int]:
        read = counts((await search(set_))["profile_filter"])
        await set_.post("cohorts/refresh", {})
        assert counts((await search(set_))["profile_filter"]) == read
        return read

    assert await both() == {"Bob Doe": 2, "Ann Doe": 1}
    await set_.post("cohorts/duplicate", {"cohort_id": spring})
    assert await both() == {"Bob Doe": 3, "Ann Doe": 2}
    item = {"cohort_id": summer, "profile_ids": [str(set_.ann.id)]}
    await set_.post("cohorts/update", {"cohorts": [item]})
    assert await both() == {"Bob Doe": 2, "Ann Doe": 3}
    await set_.post("cohorts/leave", {"cohort_id": spring}, set_.as_("org.member", user=set_.ann.user_id))
    assert await both() == {"Bob Doe": 2, "Ann Doe": 2}
    await set_.post("cohorts/delete", {"cohort_ids": [spring, spring]})
    assert await both() == {"Ann Doe": 2, "Bob Doe": 1}
    body = await search(set_, filter_profile_ids=[str(set_.bob.id)])
    assert body["total_count"] == 1
    assert counts(body["profile_filter"]) == {"Ann Doe": 2, "Bob Doe": 1}


async def test_a_selected_person_who_is_in_no_cohort_is_shown(set_):
    eve = await set_.person("Eve")
    body = await search(set_, filter_profile_ids=[str(eve.id)], profile_search="ann")
    assert counts(body["profile_filter"]) == {"Ann Doe": 1, "Eve Doe": 0}
