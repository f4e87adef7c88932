from datetime import UTC, datetime

import pytest
from jsonapi import comparators
from kernel import Invalid


def test_comparators_are_read_with_their_times() -> None:
    found = comparators([">=2026-01-01T00:00:00Z", "<2026-02-01T00:00:00+02:00"], "filter[cmp-x]")
    assert found[0] == (">=", datetime(2026, 1, 1, tzinfo=UTC))
    assert found[1][0] == "<"
    assert found[1][1] == datetime(2026, 1, 31, 22, tzinfo=UTC)


def test_a_time_without_a_zone_is_in_utc() -> None:
    assert comparators([">2026-01-01T00:00:00"], "x") == [(">", datetime(2026, 1, 1, tzinfo=UTC))]


@pytest.mark.parametrize(
    "value", ["", "2026-01-01", "=2026-01-01", ">", ">soon", ">2026-13-01T00:00:00Z", "<>2026-01-01"]
)
def test_anything_else_is_refused_naming_the_parameter(value: str) -> None:
    with pytest.raises(Invalid) as caught:
        comparators([value], "filter[cmp-x]")
    assert caught.value.parameter == "filter[cmp-x]"
