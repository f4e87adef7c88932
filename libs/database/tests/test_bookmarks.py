from database import Bookmarks
from hypothesis import given, settings
from hypothesis import strategies as st


@settings(max_examples=200, deadline=None)
@given(total=st.integers(0, 60), asked=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10)), max_size=20))
def test_every_way_leads_to_its_page(total: int, asked: list[tuple[int, int]]) -> None:
    rows, marks = list(range(100, 100 + total)), Bookmarks()
    for offset, limit in asked:
        if offset >= total:
            continue
        way = marks.way("list", offset, limit, total)
        from_there = [row for row in rows if way.start is None or row >= way.start]
        ordered = from_there[::-1] if way.backwards else from_there
        page = sorted(ordered[way.skip : way.skip + way.take])
        assert page == rows[offset : offset + limit]
        assert way.skip <= min(offset, total - offset)
        marks.note("list", offset, len(page), page[0], page[-1])


def test_the_next_page_begins_where_the_last_one_ended() -> None:
    marks = Bookmarks()
    marks.note("list", 400, 100, "row 400", "row 499")
    assert marks.way("list", 400, 100, 10_000) == ("row 400", False, 0, 100)
    assert marks.way("list", 500, 100, 10_000) == ("row 499", False, 1, 100)
    assert marks.way("list", 530, 100, 10_000) == ("row 499", False, 31, 100)
    assert marks.way("another", 500, 100, 10_000) == (None, False, 500, 100)
    assert marks.way("list", 9_990, 100, 10_000) == (None, True, 0, 10)
    assert marks.way("list", 9_990, 100, None) == ("row 499", False, 9_491, 100)
