"""HogQL: questions of persons and events, as SQL that reads one organization and nothing else.

A query's text becomes a tree (`parsing`); the compiler writes SQL of its own for the nodes, functions, tables and
columns that it knows, every text of the query is a parameter, and whatever else there is, is refused by its name. So
nothing of the query is ever part of a statement.
"""

from artifacts.hogql.errors import NotUnderstood
from artifacts.hogql.queries import Compiled, compile_query
from artifacts.hogql.running import person_ids

__all__ = ["Compiled", "NotUnderstood", "compile_query", "person_ids"]
