"""Patterns of RE2's language match in PostgreSQL what RE2 matches, and never take long."""

import pytest
import re2
from artifacts.cohorts.filters.patterns import translate
from sqlalchemy import text

MATCHES = text("SELECT CAST(:text AS text) ~ CAST(:pattern AS text)")
TEXTS = (
    "",
    "a",
    "abc",
    "ABC",
    "a.c",
    "a\nc",
    "foo bar",
    "foo_bar",
    "x-1",
    "]",
    "[a]",
    "{2}",
    "a{2}",
    "é",
    "Ä b",
    "\t",
    "\\",
    "a*b",
    "9",
    "^$",
    "ab" * 20,
)
PATTERNS = (
    "",
    "^$",
    "a.c",
    "(?s)a.c",
    "(?i)aBc",
    r"\bbar\b",
    r"\Boo",
    r"\w+-\d",
    r"[\w-]+$",
    r"\W",
    r"\S",
    r"\D$",
    "[^a-c]",
    "[]]",
    "[^]]",
    r"[\]\[]",
    "[a-]",
    "[[:alpha:]_]+_",
    "[[:punct:]]",
    r"\x61",
    r"\x{e9}",
    "(?P<name>a)b",
    "(?<name>a)b",
    "(?:ab){2,}",
    "a{2}",
    "a{2,}?",
    r"a\{2",
    "a{,2}",
    "a|",
    "()",
    "a*?b",
    r"\Aab",
    r"c\z",
    r"\.",
    r"\\",
    r"\*",
    "é",
    "[à-ü]",
    r"\^\$",
    r"[\d.]",
    r"\ta?",
    "(a|b)*$",
)
CATASTROPHIC = (
    "(a+)+$",
    "(x+x+)+y",
    "(a|aa)+$",
    r"(\w+\s?)+$",
    "(.*)(.*)(.*)(.*)(.*)[^a]$",
    "(?:a?){200}(?:a){200}",
    "[ab]*a[ab]{100}$",
    "(.*a){50}",
)


async def test_both_match_the_same(session) -> None:
    different = []
    for pattern in PATTERNS:
        found = translate(pattern)
        assert found.problem is None, (pattern, found.problem)
        for one in TEXTS:
            theirs = await session.scalar(MATCHES, {"text": one, "pattern": found.sql})
            if theirs != (re2.search(pattern, one) is not None):
                different.append((pattern, one, theirs))
    assert different == []


@pytest.mark.parametrize(
    "pattern",
    [r"(a)\1", "(?=a)", "(?<!a)b", "a**", "[a", r"\pL", r"\C", "a(?i)b", "a{1001}", "a{300}", "x" * 1001, r"\0"],
)
def test_what_has_no_place(pattern: str) -> None:
    assert translate(pattern).problem


@pytest.mark.parametrize("pattern", CATASTROPHIC)
async def test_no_text_makes_a_pattern_run_on(session, pattern: str) -> None:
    await session.execute(text("SET LOCAL statement_timeout = '60s'"))
    for one in ("a" * 20_000 + "!", "ab" * 10_000, "ab a" * 5_000):
        assert await session.scalar(MATCHES, {"text": one, "pattern": translate(pattern).sql}) in (True, False)
