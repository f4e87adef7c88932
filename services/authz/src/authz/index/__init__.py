"""The permission index: every fact that decides who may what, in memory, and the questions asked of it. No I/O."""

from authz.index.accessors import accessors
from authz.index.check import allows, prepare
from authz.index.facts import Facts
from authz.index.listing import Listed, accessible, listed
from authz.index.queries import AccessQuery, parse, parse_all
from authz.index.situation import Situation, described, present

__all__ = [
    "AccessQuery",
    "Facts",
    "Listed",
    "Situation",
    "accessible",
    "accessors",
    "allows",
    "described",
    "listed",
    "parse",
    "parse_all",
    "prepare",
    "present",
]
