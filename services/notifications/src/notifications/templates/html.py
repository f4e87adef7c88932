"""What becomes of a mail's HTML: its styles are written into its elements, and a plain text is made of it."""

import re
from html.parser import HTMLParser

import css_inline

from notifications.templates.restricted import TemplateProblem

MOST_RULES = 500
MOST_ELEMENTS = 5000

_inliner = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
_BLANKS = re.compile(r"[ \t\r\f\v\xa0]+")
_EMPTY_LINES = re.compile(r"\n{3,}")
HIDDEN = frozenset({"style", "script", "head", "title", "template"})
BLOCKS = frozenset(
    {"address", "article", "blockquote", "body", "div", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr"}
    | {"li", "main", "ol", "p", "pre", "section", "table", "tr", "ul"}
)


def inlined(html: str) -> str:
    """The mail with its styles in `style` attributes; the `style` elements stay for media queries.

    Nothing is loaded. Raises TemplateProblem for more rules or elements than can be matched quickly, or bad CSS.
    """
    if html.count("{") > MOST_RULES or html.count("<") > 2 * MOST_ELEMENTS:
        raise TemplateProblem(f"A mail has at most {MOST_RULES} style rules and {MOST_ELEMENTS} elements.")
    try:
        return _inliner.inline(html)
    except (css_inline.InlineError, ValueError) as error:
        raise TemplateProblem(f"The styles cannot be read: {error}.") from None


def plain_text(html: str) -> str:
    """The words of a mail: blocks on lines of their own, a link's address behind its text, styles left out."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = [_BLANKS.sub(" ", line).strip() for line in "".join(reader.parts).split("\n")]
    return _EMPTY_LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in HIDDEN:
            self._hidden += 1
        elif tag in BLOCKS:
            self.parts.append("\n\n" if tag in {"p", "h1", "h2", "h3"} else "\n")
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("- ")
        elif tag == "img" and not self._hidden:
            self.parts.append(given.get("alt") or "")
        elif tag == "a":
            self._links.append(given.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in BLOCKS:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append(" ")
        elif tag == "a" and self._links:
            href = self._links.pop()
            if href.startswith(("https://", "http://", "mailto:")):
                self.parts.append(f" ({href.removeprefix('mailto:')})")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data.replace("\n", " "))
