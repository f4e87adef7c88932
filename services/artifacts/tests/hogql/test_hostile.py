"""What queries may not do, and how it is said."""

from uuid import uuid4

import pytest
from artifacts.hogql import Compiled, NotUnderstood, compile_query, person_ids, running
from kernel import DomainError
from sqlalchemy.exc import DBAPIError

ORGANIZATION = uuid4()

REFUSED = [
    ("select 1 from groups", "no table groups"),
    ("select id from profiles", "no table profiles"),
    ("select id from public.persons", "DB"),
    ("select id from pg_catalog.pg_class", "DB"),
    ("select id from pg_class", "no table pg_class"),
    ("select usename from information_schema.tables", "DB"),
    ("select id from organizations", "no table"),
    ("select pg_sleep(10) from persons", "function pg_sleep"),
    ("select id from persons where pg_read_file('/etc/passwd') = ''", "function pg_read_file"),
    ("select id from persons where current_setting('x') = ''", "current_setting"),
    ("select set_config('x', 'y', false) from persons", "set_config"),
    ("select query_to_xml('select 1', true, true, '') from persons", "query_to_xml"),
    ("select id from generate_series(1, 1000000000)", "Reading from"),
    ("select generate_series(1, 10) from persons", "generate_series"),
    ("select id from numbers(10)", "Reading from"),
    ("select id from remote('x', 'y')", "Reading from"),
    ("select arrayJoin([1, 2]) from persons", "arrayJoin"),
    ("select id from persons array join x", "join"),
    ("select id from persons, events", "join"),
    ("select id from persons cross join events", "join"),
    ("select id from persons; drop table persons", "one query"),
    ("drop table persons", "DROP"),
    ("delete from persons", "DELETE"),
    ("insert into persons values (1)", "INSERT"),
    ("update persons set id = 1", "UPDATE"),
    ("create table x as select 1", "CREATE"),
    ("with x as (insert into persons values (1)) select id from x", "INSERT"),
    ("with x as (delete from persons returning id) select id from x", "DELETE"),
    ("select id into x from persons", "INTO"),
    ("select id from persons for update", "LOCKS"),
    ("copy persons to '/tmp/x'", "COPY"),
    ("explain select 1", "COMMAND"),
    ("select * from persons", "STAR"),
    ("select count() over () from events", "WINDOW"),
    ("select organization_id from persons", "no column organization_id"),
    ("select p.organization_id from persons p", "no column p.organization_id"),
    ("select ctid from persons", "no column ctid"),
    ("select id.x from persons", "no parts"),
    ("select id from persons where exists (select 1 from events)", "EXISTS"),
    ("select (select id from persons) from events", "SUBQUERY"),
    (
        "select id from persons p where id in (select person_id from events e where e.distinct_id = p.id)",
        "no column p.id",
    ),
    ("with recursive x as (select id from persons union all select id from x) select id from x", "RECURSIVE"),
    ("with x as (select id from y), y as (select id from persons) select id from x", "no table y"),
    ("select a as b, b as a from persons", "stands for itself"),
    ("select id from persons settings max_threads = 1", "SETTINGS"),
    ("select id from persons format JSON", "FORMAT"),
    ("select id from persons final", "FINAL"),
    ("select id from persons sample 0.1", "SAMPLE"),
    ("select id from persons prewhere 1", "PREWHERE"),
    ("select id from persons limit 5 by id", "LIMIT"),
    ("select id from persons limit 99999999999", "LIMIT"),
    ("select person_id from events group by all", "GROUP"),
    ("select id from persons where id in cohort 3", "read at line"),
    ("select id from persons where properties.x = {value}", "VARMAP"),
    ("select count() from events", "gives no persons"),
    ("select 1", "from persons or events"),
    ("", "empty"),
    ("select id from persons where", "read"),
    ("select id from persons where 'a", "read"),
    ("select id from persons where now() = 3", "held against"),
    ("select id from persons where lower()", "arguments"),
    ("select id from persons where x.y = 1", "no column x.y"),
    ("select cast(id as Array(String)) from persons", "CAST"),
    ("select id from persons where 1e999 > 0", "number"),
    ("select id from persons as p join persons as p on p.id = p.id", "Two tables"),
    ("select id from persons join events e on true", "several tables|"),
    ("select id from persons where " + "(" * 200 + "1" + ")" * 200, "Nesting"),
    ("select id from persons where " + " and ".join(["1 = 1"] * 900), "too long"),
    ("select id from persons where " + "not " * 4000 + "true", "Nesting|long|read"),
    ("select id from persons where event = '" + "x" * 20_000 + "'", "characters"),
    ("select id from persons where properties.x = '\x00'", "character"),
    (
        "select id, 1 as a0, " + ", ".join(f"a{n} + a{n} as a{n + 1}" for n in range(40)) + " from persons",
        "too complex|Nesting|read",
    ),
    ("select id from persons where 1 = " + "toInt(toString(" * 15 + "1" + "))" * 15, "too complex|Nesting"),
    (
        "with t0 as (select id from persons), "
        + ", ".join(f"t{n + 1} as (select a.id from t{n} a join t{n} b on a.id = b.id)" for n in range(30))
        + " select id from t30",
        "too complex|Nesting|read",
    ),
]


@pytest.mark.parametrize(("query", "said"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_known_is_refused_by_its_name(query, said):
    if said.endswith("|"):
        compile_query({"kind": "HogQLQuery", "query": query}, ORGANIZATION)  # `id` is only of persons
        return
    with pytest.raises(NotUnderstood) as refused:
        compile_query({"kind": "HogQLQuery", "query": query}, ORGANIZATION)
    assert any(word in refused.value.detail for word in said.split("|")), refused.value.detail


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("x", "dictionary"),
        ({"kind": "TrendsQuery"}, "Got: TrendsQuery"),
        ({"kind": "HogQLQuery"}, "text"),
        ({"kind": "HogQLQuery", "query": "select id from persons", "values": {"a": 1}}, "values"),
        ({"kind": "ActorsQuery", "source": {"kind": "TrendsQuery"}}, "TrendsQuery"),
        ({"kind": "ActorsQuery", "search": "x"}, "search"),
    ],
)
def test_queries_of_other_kinds(query, said):
    with pytest.raises(NotUnderstood, match=said):
        compile_query(query, ORGANIZATION)


def test_no_text_of_a_query_is_in_the_statement():
    query = """select `a"b` as "x;y", concat('it''s', '\\'; drop table persons --') as z from persons
        where properties.`'; --` = 'Zebra' and properties['$Okapi'] = z"""
    with pytest.raises(NotUnderstood):
        compile_query({"kind": "HogQLQuery", "query": query}, ORGANIZATION)
    compiled = compile_query({"kind": "HogQLQuery", "query": query.replace('`a"b`', "id")}, ORGANIZATION)
    for word in ("Zebra", "Okapi", "drop", "--", "x;y", '"'):
        assert word not in compiled.sql
    assert "'; drop table persons --" in compiled.parameters.values()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("INSERT INTO counters VALUES (gen_random_uuid(), 'x', 1) RETURNING kind", "could not be run"),
        ("SELECT pg_sleep(3)", running.TOO_LONG),
        ("SELECT 1 / 0", "fit together"),
    ],
    ids=("write", "sleep", "fault"),
)
async def test_a_query_can_write_nothing_and_take_only_so_long(app, session, monkeypatch, statement, said):
    monkeypatch.setattr(running, "BOUNDS", ("SET TRANSACTION READ ONLY", "SET LOCAL statement_timeout = '50ms'"))
    monkeypatch.setattr(running, "compile_query", lambda *_: Compiled(statement, {}))
    with pytest.raises(DomainError, match=said) as refused:
        await person_ids(app.state.runtime, {}, ORGANIZATION)
    assert isinstance(refused.value.__cause__, DBAPIError)
