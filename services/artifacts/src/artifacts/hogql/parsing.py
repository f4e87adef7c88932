"""From the text of a HogQL query to its tree. Nothing is decided here: the compiler takes only what it knows."""

import logging
import re
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.clickhouse import ClickHouse
from sqlglot.errors import ParseError, SqlglotError, TokenError

from artifacts.hogql.errors import NotUnderstood, unsupported

LONGEST_QUERY = 20_000
MOST_NODES = 3_000
DEEPEST = 60
"""Parentheses and brackets within each other."""

logging.getLogger("sqlglot").setLevel(logging.CRITICAL)  # it would write queries into the log

STEPS = {"L_PAREN": 1, "L_BRACKET": 1, "L_BRACE": 1, "R_PAREN": -1, "R_BRACKET": -1, "R_BRACE": -1}

PARTS = re.compile(r"'(?:[^'\\]|\\.|'')*'|`[^`]*`|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|(?P<dollar>\$[A-Za-z_]\w*)", re.DOTALL)


class HogQL(ClickHouse):
    """ClickHouse's SQL, whose functions are left as they are written."""

    class Tokenizer(ClickHouse.Tokenizer):
        """No heredocs: `$` begins names."""

        HEREDOC_STRINGS: ClassVar[list[str]] = []

    class Parser(ClickHouse.Parser):
        """No function is known to the parser."""

        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CAST": ClickHouse.Parser.FUNCTION_PARSERS["CAST"]}


def parse(query: str) -> exp.Expr:
    """The tree of one query. Raises NotUnderstood."""
    if len(query) > LONGEST_QUERY:
        raise NotUnderstood(f"A query has at most {LONGEST_QUERY} characters.")
    written = PARTS.sub(lambda part: f"`{part['dollar']}`" if part["dollar"] else part[0], query)
    try:
        _check_depth(written)
        found = [tree for tree in HogQL().parse(written) if tree is not None]
    except (ParseError, TokenError) as error:
        raise NotUnderstood(_said(error)) from error
    except RecursionError as error:
        raise unsupported("Nesting this deep") from error
    except (SqlglotError, ValueError) as error:
        raise NotUnderstood("The query cannot be read.") from error
    if len(found) != 1:
        raise NotUnderstood("Write one query." if found else "The query is empty.")
    if sum(1 for _ in found[0].walk()) > MOST_NODES:
        raise NotUnderstood("The query is too long.")
    return found[0]


def _check_depth(written: str) -> None:
    depth = 0
    for token in HogQL().tokenize(written):
        depth += STEPS.get(token.token_type.name, 0)
        if depth > DEEPEST:
            raise unsupported(f"Nesting deeper than {DEEPEST}")


def _said(error: SqlglotError) -> str:
    place = next(iter(getattr(error, "errors", ())), {})
    if "line" in place:
        return f"The query cannot be read at line {place['line']}, column {place['col']}."
    return "The query cannot be read."
