"""The permission index: every fact that decides who may what, in memory, and the questions asked of it. No I/O."""

from authz.index.accessors import accessors
from authz.index.check import allows, prepare
from authz.index.facts import Facts
from authz.index.listing import Listed, accessible
from authz.index.queries import AccessQuery, parse, parse_all

__all__ = ["AccessQuery", "Facts", "Listed", "accessible", "accessors", "allows", "parse", "parse_all", "prepare"]
