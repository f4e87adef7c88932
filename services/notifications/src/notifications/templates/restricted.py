"""Jinja2 reduced to what a message needs, so that no template can run long, grow large or reach into the program.

There are conditions, loops over given lists, and a few filters; there are no calls, no assignments, no arithmetic, no
macros and no other templates. What is left ends by itself: a template's work is bounded by its length and the lists
it is given. On top of it stand a limit on the output, a deadline, and Jinja2's own sandbox.
"""

import time
import traceback
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_SOURCE = 128 * 1024
LONGEST_OUTPUT = 256 * 1024
SECONDS = 0.5
DEEPEST_LOOP = 2

FILTERS = frozenset(
    {"capitalize", "default", "e", "escape", "first", "join", "last", "length", "lower", "title", "trim", "upper"}
)
TESTS = frozenset({"defined", "undefined", "none", "equalto", "eq", "ne", "in", "true", "false"})
FORBIDDEN: tuple[type[nodes.Node], ...] = (
    nodes.Add,
    nodes.Assign,
    nodes.AssignBlock,
    nodes.Block,
    nodes.Call,
    nodes.CallBlock,
    nodes.Div,
    nodes.Extends,
    nodes.FloorDiv,
    nodes.FromImport,
    nodes.Import,
    nodes.Include,
    nodes.Macro,
    nodes.Mod,
    nodes.Mul,
    nodes.Pow,
    nodes.Sub,
    nodes.With,
)


class TemplateProblem(Exception):
    """A template cannot be used, or not with these variables. The text says why and never holds a value."""

    def __init__(self, detail: str, line: int | None = None) -> None:
        super().__init__(detail if line is None else f"line {line}: {detail}")
        self.detail = detail
        self.line = line


class Restricted(ImmutableSandboxedEnvironment):
    """The environment that all templates are compiled in."""

    default_filters: ClassVar[frozenset[str]] = FILTERS

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=html, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
        )
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.tests = {name: self.tests[name] for name in TESTS}
        self.globals.clear()


HTML = Restricted(html=True)
TEXT = Restricted(html=False)


def compiled(source: str, *, html: bool) -> Template:
    """A template ready to be rendered. Raises TemplateProblem with the line of the first thing that is wrong."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateProblem(f"A template has at most {LONGEST_SOURCE} characters.")
    environment = HTML if html else TEXT
    try:
        tree = environment.parse(source)
        for node in tree.find_all(FORBIDDEN):
            raise TemplateProblem(f"{type(node).__name__} is not available in templates.", node.lineno)
        _check_loops(tree, 0)
        return environment.from_string(tree)
    except TemplateError as error:
        raise TemplateProblem(error.message or "The template is not valid.", getattr(error, "lineno", None)) from None
    except RecursionError:
        raise TemplateProblem("The template is nested too deeply.") from None


def rendered(template: Template, variables: Mapping[str, Any]) -> str:
    """The text. Raises TemplateProblem: a variable is missing, the text is too long, or it takes too long."""
    try:
        return "".join(_limited(template.generate(**variables)))
    except SecurityError as error:
        raise TemplateProblem("The template reads what it may not.", _line(error)) from None
    except TemplateError as error:
        raise TemplateProblem(error.message or "The template cannot be rendered.", _line(error)) from None
    except (TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
        raise TemplateProblem(f"The template cannot be rendered: {type(error).__name__}.", _line(error)) from None


def _line(error: Exception) -> int | None:
    """The line of the template that failed: Jinja2 puts it into the traceback."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return lines[-1] if lines else None


def _limited(parts: Iterator[str]) -> Iterator[str]:
    deadline = time.monotonic() + SECONDS
    length = 0
    for part in parts:
        length += len(part)
        if length > LONGEST_OUTPUT:
            raise TemplateProblem(f"The text is longer than {LONGEST_OUTPUT} characters.")
        if time.monotonic() > deadline:
            raise TemplateProblem("The template takes too long.")
        yield part


def _check_loops(node: nodes.Node, depth: int) -> None:
    if isinstance(node, nodes.For):
        depth += 1
        if depth > DEEPEST_LOOP or node.recursive:
            raise TemplateProblem(f"Loops stand at most {DEEPEST_LOOP} deep and do not recurse.", node.lineno)
    for child in node.iter_child_nodes():
        _check_loops(child, depth)
