"""What a cohort's filters say: read (parsing, legacy), asked about (reading), and written as SQL (compiling)."""

from artifacts.cohorts.filters.nodes import Behavioral, CohortLeaf, EventFilter, Group, Node, PersonLeaf
from artifacts.cohorts.filters.reading import cohort_type, has_leaf, is_behavioral, leaves, references, written

__all__ = [
    "Behavioral",
    "CohortLeaf",
    "EventFilter",
    "Group",
    "Node",
    "PersonLeaf",
    "cohort_type",
    "has_leaf",
    "is_behavioral",
    "leaves",
    "references",
    "written",
]
