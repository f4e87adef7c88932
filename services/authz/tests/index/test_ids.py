"""Numbers for ids: one at a time and many at once give the same, in any mixture."""

import random
from uuid import UUID, uuid4

import msgspec
import numpy as np
import pytest
from authz.index.ids import NOTHING, Ids
from hypothesis import given
from hypothesis import strategies as st


def rows(ids: list[UUID]) -> np.ndarray:
    return np.frombuffer(b"".join(one.bytes for one in ids), np.uint8).reshape(-1, 16)


def test_an_id_keeps_its_number_and_what_is_unknown_has_none() -> None:
    ids, known = Ids(), [str(uuid4()) for _ in range(1000)]
    assert [ids.number(one) for one in known] == [(number, True) for number in range(1000)]
    assert [ids.number(one) for one in known] == [(number, False) for number in range(1000)]
    assert [ids.find(one) for one in known] == list(range(1000))
    assert list(ids) == known
    for strange in (str(uuid4()), "", "no id", known[0][:-1], known[0] + "0", "ü" * 36):
        assert ids.find(strange) == NOTHING
    with pytest.raises(ValueError, match="UUID"):
        ids.number("no id")


@given(st.lists(st.lists(st.uuids(), max_size=60), max_size=6), st.booleans())
def test_many_at_once_are_as_one_after_another(parts: list[list[UUID]], close: bool) -> None:
    """`close` ids differ in one byte only, at either end."""
    if close:
        parts = [[UUID(int=one.int >> 120 << (120 if one.int % 2 else 0)) for one in part] for part in parts]
    ids = Ids()
    for place, part in enumerate(parts):
        singly = place % 2 == 1
        numbers = [ids.number(str(one))[0] for one in part] if singly else ids.number_all(rows(part)).tolist()
        assert [ids[number] for number in numbers] == [str(one) for one in part]
        assert ids.find_all(rows(part)).tolist() == numbers
    assert len(ids) == len({one for part in parts for one in part}) == len(set(ids))
    assert ids.ascending == (list(ids) == sorted(ids))
    numbers = np.arange(len(ids), dtype=np.int32)
    assert [ids[number] for number in ids.in_order(numbers[::-1].copy())] == sorted(ids)
    assert msgspec.json.decode(b"[" + ids.fragments(numbers) + b"]") == list(ids)


def test_ids_that_follow_each_other_are_found_among_many() -> None:
    ids, known = Ids(), [UUID(int=number) for number in range(50_000)]
    ids.number_all(rows(known))
    for number in random.Random(4).sample(range(50_000), 500):
        assert ids.find(str(known[number])) == number
    assert ids.find(str(UUID(int=50_000))) == NOTHING


def test_what_was_unknown_is_found_once_it_is_there_however_often_it_was_asked_for() -> None:
    ids, known = Ids(), [str(uuid4()) for _ in range(100)]
    assert {ids.find(one) for one in known} == {NOTHING}
    ids.number_all(rows([UUID(one) for one in known]))
    for _ in range(2):
        assert [ids[ids.find(one)] for one in known] == known


def test_more_ids_than_are_kept_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authz.index.ids.MOST_RECENT", 10)
    ids, known = Ids(), [str(uuid4()) for _ in range(35)]
    for one in known:
        ids.number(one)
    for _ in range(2):
        assert [ids.find(one) for one in known] == list(range(35))
