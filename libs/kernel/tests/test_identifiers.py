from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kernel import parse_prefixed_ulid, prefixed_ulid, uuid7


@given(st.uuids())
def test_text_leads_back_to_the_identifier(identifier: UUID) -> None:
    text = prefixed_ulid("coh", identifier)
    assert len(text) == 30
    assert parse_prefixed_ulid("coh", text) == identifier


@given(st.uuids(), st.uuids())
def test_text_sorts_as_identifiers_do(one: UUID, two: UUID) -> None:
    assert (prefixed_ulid("coh", one) < prefixed_ulid("coh", two)) == (one.int < two.int)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "coh_",
        "coh",
        "usr_01M7XRXXPAE3TSVRJZEDKS6GH8",
        "coh_01m7xrxxpae3tsvrjzedks6gh8",
        "coh_" + "Z" * 26,
        "coh_" + "I" * 26,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a coh_ identifier"):
        parse_prefixed_ulid("coh", text)


def test_new_identifiers_are_version_7_and_rise() -> None:
    made = [uuid7() for _ in range(1000)]
    assert {identifier.version for identifier in made} == {7}
    assert made == sorted(made)
