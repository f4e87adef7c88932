"""What a query cannot be."""

from kernel import Invalid


class NotUnderstood(Invalid):
    """The query says something that is not known or not supported here; the detail names it."""

    def __init__(self, detail: str) -> None:
        """`detail` is for whoever wrote the query."""
        super().__init__(detail, pointer="/query", code="invalid_query")


def unsupported(what: str) -> NotUnderstood:
    """The error about a part of the language that is not supported."""
    return NotUnderstood(f"{what} is not supported.")
