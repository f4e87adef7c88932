"""Whoever adds a table that could name a person says here what becomes of it."""

from artifacts.erasure import PLAN
from artifacts.models_index import metadata
from testkit.erasure import assert_covered


def test_every_table_that_names_people_is_in_the_plan() -> None:
    assert_covered(metadata, PLAN)
