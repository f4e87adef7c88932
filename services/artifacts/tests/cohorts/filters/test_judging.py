"""The statement about some persons has the size of its forms, whatever the number of cohorts."""

from uuid import uuid4

from artifacts.cohorts.filters.judging import judged
from artifacts.cohorts.filters.parsing import parse
from artifacts.cohorts.filters.values import Values

ORGANIZATION = uuid4()


def written(*several: list[dict[str, object]]) -> str:
    """The statement about cohorts with these conditions."""
    filters = [{"properties": {"type": "AND", "values": conditions}} for conditions in several]
    values = Values()
    sql = judged([(uuid4(), parse(one, is_static=False)) for one in filters], ORGANIZATION, values)
    return values.statement(sql).sql


def condition(key: str, value: object, operator: str = "exact", **more: object) -> dict[str, object]:
    return {"type": "person", "key": key, "operator": operator, "value": value} | more


def performed(event: str, times: int) -> dict[str, object]:
    window = {"operator": "gte", "operator_value": times, "time_value": 30, "time_interval": "day"}
    return {"type": "behavioral", "key": event, "event_type": "events", "value": "performed_event_multiple"} | window


def test_values_are_not_in_the_text() -> None:
    one = written([condition("plan", "pro"), performed("view", 2)])
    other = written([condition("country", ["de"]), performed("buy", 70)])
    assert one == other
    assert "plan" not in one


def test_cohorts_of_one_form_are_written_once() -> None:
    several = [[condition("plan", f"plan {number}"), performed("view", 1 + number)] for number in range(100)]
    assert written(*several) == written(several[0], several[1])
    assert len(written(*several)) < len(written(several[0])) + 10


def test_what_differs_in_form_stands_apart() -> None:
    plain, denied = [condition("plan", "pro")], [condition("plan", "pro", negation=True)]
    both = written(plain, denied)
    assert both.count("->>") == 1, "the condition is asked once"
    assert both.count("UNION ALL") == 1
