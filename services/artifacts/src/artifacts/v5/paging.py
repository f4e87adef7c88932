"""Pages of the v5 dialect."""

from kernel import Page

DEFAULT_SIZE = 50


def page(size: int | None, offset: int | None) -> Page:
    """The page that a body asks for; `offset` counts rows."""
    return Page(DEFAULT_SIZE if size is None else size, offset or 0)
