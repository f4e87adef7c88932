"""What queries answer."""

import pytest
from artifacts.hogql import person_ids
from artifacts_capturing import event, project_of
from kernel import now


@pytest.fixture
async def shop(world):
    """Three customers and what they did; somebody of another organization with the same names."""
    for organization, number in ((world.elsewhere, 42), (world.organization, 41)):
        made = await project_of(world, organization, number)
        await made.sent(
            event("bought", "ann", timestamp="2026-01-05T10:00:00Z", properties={"price": 30, "tags": {"a b": "x"}}),
            event("bought", "ann", timestamp="2026-01-06T10:00:00Z", properties={"price": 5.5}),
            event("$pageview", "ann", timestamp="2026-02-06T10:00:00Z", properties={"$browser": "Chrome"}),
            event("bought", "bob", timestamp="2026-01-07T10:00:00Z", properties={"price": "7"}),
            event("opened", "cid", timestamp=now().isoformat()),
            event("x", "ann", **{"$set": {"plan": "pro", "age": 41, "email": "ann@example.org", "$os": "Linux"}}),
            event("x", "bob", **{"$set": {"plan": "free", "age": "17", "vip": True}}),
        )
    return made


@pytest.fixture
def ask(app, world, shop):
    async def asked(query) -> set[str]:
        body = {"kind": "HogQLQuery", "query": query} if isinstance(query, str) else query
        found = await person_ids(app.state.runtime, body, world.organization)
        names = {(await shop.person(name)).id: name for name in ("ann", "bob", "cid")}
        return {names[one] for one in found}

    return asked


SAID = [
    ("select id from persons", "ann bob cid"),
    ("select person_id from events where event = 'bought'", "ann bob"),
    ("SELECT distinct_id FROM events WHERE event = 'bought'", "ann bob"),
    ("select event, timestamp from events where properties.$browser = 'Chrome'", "ann"),
    ("select properties.plan from persons where properties.plan = 'pro'", "ann"),
    ("select 1 from persons", "ann bob cid"),
    ("select id from persons where properties.age > 20", "ann"),
    ("select id from persons where properties.age < 20.5", "bob"),
    ("select id from persons where properties.plan != 'pro'", "bob cid"),
    (
        """select id from persons where properties.plan in ('pro', 'free') and not properties.plan =
            'free'""",
        "ann",
    ),
    ("select id from persons where properties.plan is null", "cid"),
    ("select id from persons where properties.`$os` = 'Linux' or properties['vip'] = true", "ann bob"),
    ("select id from persons where lower(properties.email) like '%@EXAMPLE.org'", ""),
    ("select id from persons where properties.email ilike '%@EXAMPLE.org' -- ; drop table persons", "ann"),
    ("select id from persons where match(properties.email, '^a.*g$') /* a ' comment */", "ann"),
    ("select e.person_id from events e where e.person.properties.plan = 'free' and e.event = 'x'", "bob"),
    ("select person.id from events where person.properties.age >= 41", "ann"),
    (
        """select person_id, count() as n, sum(properties.price) s from events where event = 'bought'
            group by person_id having n > 1 and s = 35.5""",
        "ann",
    ),
    ("select person_id from events group by person_id having countIf(event = 'bought') = 1", "bob"),
    (
        """select person_id from (select person_id, uniq(event) as kinds from events group by person_id)
            where kinds = 1""",
        "cid",
    ),
    (
        """with rich as (select person_id from events where properties.price >= 7) select person_id from
            rich""",
        "ann bob",
    ),
    ("select id from persons where id in (select person_id from events where event = 'opened')", "cid"),
    ("select id from persons where id not in (select person_id from events where event = 'bought')", "cid"),
    ("select p.id from persons p join events e on e.person_id = p.id where e.event = 'opened'", "cid"),
    (
        """select p.id from persons p left join (select person_id from events where event = 'bought') b on
            b.person_id = p.id where b.person_id is null""",
        "cid",
    ),
    (
        """select id from persons where properties.plan = 'pro' union all select person_id from events
            where event='opened'""",
        "ann cid",
    ),
    ("select id from persons except select person_id from events where event = 'bought'", "cid"),
    ("select id from persons intersect select person_id from events where event = 'bought'", "ann bob"),
    (
        """select person_id from events where timestamp >= '2026-01-06' and timestamp <
            toDateTime('2026-01-07 11:00:00')""",
        "ann bob",
    ),
    ("select person_id from events where timestamp > now() - interval 1 day and event = 'opened'", "cid"),
    (
        """select person_id from events where timestamp between addDays(toDate('2026-01-05'), -1) and
            '2026-01-05T12:00:00Z'""",
        "ann",
    ),
    (
        """select person_id from events where toStartOfMonth(timestamp) = toDate('2026-02-01') and
            toYear(timestamp) = 2026""",
        "ann",
    ),
    (
        """select person_id from events where dateDiff('day', timestamp, toDateTime('2026-01-08')) = 1 and
            event != 'x'""",
        "bob",
    ),
    (
        """select id from persons where if(properties.vip = true, 1, 0) = 1 or multiIf(properties.age >
            40, 'a', 'b') = 'a'""",
        "ann bob",
    ),
    ("select id from persons where case when properties.plan = 'pro' then true else false end", "ann"),
    (
        """select id from persons where properties.age * 2 - 1 = 81 and properties.age % 2 = 1 and
            -properties.age < 0""",
        "ann",
    ),
    ("select id from persons where concat(properties.plan, '-', toString(properties.age)) = 'pro-41'", "ann"),
    (
        """select actor_id from (select person_id as actor_id, max(timestamp) as t from events where event
            != 'x' group by person_id order by t desc limit 1)""",
        "cid",
    ),
    (
        """select id from persons where coalesce(properties.nick, 'none') = 'none' and
            toInt(properties.age) = 17""",
        "bob",
    ),
    ("select any(person_id) as person_id from events where event = 'opened'", "cid"),
    ("select id from persons where id = 'nonsense' or properties.plan = created_at", ""),
    ("select person_id from events where properties.tags.`a b` = 'x'", "ann"),
    ("select p.distinct_id, p.person_id from person_distinct_ids p where p.distinct_id = 'bob'", "bob"),
    (
        {
            "kind": "ActorsQuery",
            "source": {"kind": "HogQLQuery", "query": "select person_id from events where event = 'opened'"},
        },
        "cid",
    ),
    ({"kind": "ActorsQuery", "select": ["id"]}, "ann bob cid"),
    (
        {
            "kind": "ActorsQuery",
            "properties": [{"type": "person", "key": "age", "operator": "gt", "value": 10}],
            "fixedProperties": [{"type": "person", "key": "plan", "operator": "exact", "value": ["free"]}],
        },
        "bob",
    ),
    (
        {
            "kind": "ActorsQuery",
            "source": {"kind": "HogQLQuery", "query": "select person_id from events where event = 'bought'"},
            "properties": {
                "type": "OR",
                "values": [{"type": "person", "key": "plan", "operator": "is_not", "value": "free"}],
            },
        },
        "ann",
    ),
]


@pytest.mark.parametrize(("query", "names"), SAID, ids=range(len(SAID)))
async def test_answers(ask, query, names):
    assert await ask(query) == set(names.split())
