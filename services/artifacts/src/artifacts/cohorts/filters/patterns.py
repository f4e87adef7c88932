r"""Regular expressions: RE2's language, in the words of PostgreSQL's engine.

RE2 says whether a pattern is one, so nothing that needs looking back (`\1`, `(?=`) comes through; without it the
server matches with an automaton in time linear in the text. What the two write differently is translated, classes to
ASCII as RE2 has them; what has no translation is refused.
"""

import re
from functools import lru_cache

import msgspec
import re2

LONGEST = 1000
MOST_REPEATED = 255
"""PostgreSQL's bound of `{n}`."""
OPTIONS = re2.Options()
OPTIONS.log_errors = False
OPTIONS.max_mem = 1 << 20
CLASSES = {"d": "0-9", "w": "0-9A-Za-z_", "s": r"\t\n\f\r "}
NAMED = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
    "punct": r"!-/:-@\[-`{-~",
}
ASSERTIONS = {"b": r"\y", "B": r"\Y", "A": r"\A", "z": r"\Z"}
CONTROLS = frozenset("tnrfva")
REPEATED = re.compile(r"\{([0-9]{1,4})(,([0-9]{0,4}))?\}")
HEX = re.compile(r"x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})")
FLAGS = re.compile(r"\(\?([is]+)\)")
GROUP = re.compile(r"\(\?P?<[A-Za-z_][0-9A-Za-z_]*>")
POSIX = re.compile(r"\[:([a-z]+):\]")


class Pattern(msgspec.Struct, frozen=True):
    """A pattern for PostgreSQL's `~`, or the problem with it."""

    sql: str
    problem: str | None = None


class Unsupported(Exception):
    """A part that has no translation."""


@lru_cache(maxsize=4096)
def translate(pattern: str) -> Pattern:
    """Read a pattern."""
    if len(pattern) > LONGEST:
        return Pattern("", f"it may have at most {LONGEST} characters.")
    try:
        re2.compile(pattern, OPTIONS)
    except re2.error as error:
        said = error.args[0] if error.args else "it is no regular expression"
        return Pattern("", f"{said.decode(errors='replace') if isinstance(said, bytes) else said}.")
    try:
        return Pattern(_Scanner(pattern).run())
    except Unsupported as error:
        return Pattern("", f"{error} is not supported.")


class _Scanner:
    """One pass over a pattern that RE2 has accepted."""

    def __init__(self, pattern: str) -> None:
        self.left = pattern
        self.dot = r"[^\n]"

    def run(self) -> str:
        prefix = ""
        if (flags := FLAGS.match(self.left)) is not None:
            self.left = self.left[flags.end() :]
            prefix = "(?i)" if "i" in flags[1] else ""
            self.dot = "." if "s" in flags[1] else self.dot
        parts: list[str] = []
        while self.left:
            parts.append(self._part())
        return prefix + "".join(parts)

    def _part(self) -> str:  # noqa: PLR0911 a line a kind
        match self._take():
            case "\\":
                return self._escape(inside=False)
            case "[":
                return self._brackets()
            case "(":
                return self._opening()
            case ".":
                return self.dot
            case "*" | "+" | "?" as quantifier:
                return quantifier + self._lazy()
            case "{":
                return self._repeated()
            case first:
                return "\\}" if first == "}" else first

    def _take(self) -> str:
        first, self.left = self.left[0], self.left[1:]
        return first

    def _lazy(self) -> str:
        """Whether a match is short or long does not matter here."""
        if self.left.startswith("?"):
            self._take()
        return ""

    def _repeated(self) -> str:
        found = REPEATED.match("{" + self.left)
        if found is None:
            return "\\{"
        if max(int(found[1]), int(found[3] or 0)) > MOST_REPEATED:
            raise Unsupported(f"repeating more than {MOST_REPEATED} times")
        self.left = self.left[found.end() - 1 :]
        return found[0] + self._lazy()

    def _opening(self) -> str:
        if not self.left.startswith("?"):
            return "("
        if self.left.startswith("?:"):
            self.left = self.left[2:]
            return "(?:"
        if (named := GROUP.match("(" + self.left)) is not None:
            self.left = self.left[named.end() - 1 :]
            return "("
        raise Unsupported("an option within the pattern")

    def _escape(self, *, inside: bool) -> str:
        """What follows a backslash."""
        if (code := HEX.match(self.left)) is not None:
            self.left = self.left[code.end() :]
            number = int(code[1] or code[2], 16)
            if number == 0:
                raise Unsupported("the character NUL")
            return f"\\U{number:08X}"
        kind = self._take()
        if kind in CLASSES:
            return CLASSES[kind] if inside else f"[{CLASSES[kind]}]"
        if kind.lower() in CLASSES and not inside:
            return f"[^{CLASSES[kind.lower()]}]"
        if kind in CONTROLS:
            return {"a": r"\u0007"}.get(kind, f"\\{kind}")
        if kind in ASSERTIONS and not inside:
            return ASSERTIONS[kind]
        if kind.isalnum():
            raise Unsupported(f"\\{kind}")
        return f"\\{kind}"

    def _brackets(self) -> str:
        parts = ["["]
        if self.left.startswith("^"):
            parts.append(self._take())
        begins = True
        while begins or not self.left.startswith("]"):
            parts.append(self._member())
            begins = False
        self._take()
        return "".join([*parts, "]"])

    def _member(self) -> str:
        """One character, range or named class within brackets."""
        if (posix := POSIX.match(self.left)) is not None:
            if posix[1] not in NAMED:
                raise Unsupported(posix[0])
            self.left = self.left[posix.end() :]
            return NAMED[posix[1]]
        if self.left.startswith("[:"):
            raise Unsupported("[:^ within brackets")
        first = self._character()
        if len(self.left) > 1 and self.left[0] == "-" and self.left[1] != "]":
            self._take()
            return f"{first}-{self._character()}"
        return first

    def _character(self) -> str:
        first = self._take()
        if first == "\\":
            return self._escape(inside=True)
        return first if first.isalnum() or ord(first) > 127 or first == " " else f"\\{first}"  # noqa: PLR2004
