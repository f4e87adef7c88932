"""The texts of a message from what an organization or a theme wrote, and the check of a template before it is kept."""

from collections.abc import Mapping
from functools import lru_cache

from jinja2 import Template, meta, nodes
from kernel import Invalid

from notifications.channels.channel import Refused
from notifications.channels.composing import LONGEST_SUBJECT, checked_address, one_line
from notifications.templates import platform_texts
from notifications.templates.html import inlined, plain_text
from notifications.templates.platform_texts import Rendered
from notifications.templates.restricted import HTML, TEXT, TemplateProblem, compiled, rendered
from notifications.templates.types import SAMPLES, Written

TEMPLATES_KEPT = 512


def email(html: Written | None, txt: Written | None, variables: Mapping[str, str]) -> Rendered:
    """A mail's texts; the plain one is made of the HTML where none was written. Raises TemplateProblem."""
    chosen = html or txt
    if chosen is None:
        raise TemplateProblem("There is no template.")
    known = _known(chosen, variables)
    title = one_line(rendered(_template(chosen.subject, html=False), known), LONGEST_SUBJECT)
    whole, words = "", ""
    if html is not None:
        body = rendered(_template(html.template, html=True), known)
        words = "" if txt else plain_text(body)
        whole = body if "<html" in body.lower() else platform_texts.framed(title, body, html.locale)
    if txt is not None:
        words = rendered(_template(txt.template, html=False), known)
    return Rendered(
        subject=title,
        text=_with_code(words, known),
        html=inlined(whole) if whole else "",
        reply_to=chosen.support_email or "",
    )


def sms(written: Written, variables: Mapping[str, str]) -> Rendered:
    """A short message's text. Raises TemplateProblem."""
    known = _known(written, variables)
    words = rendered(_template(written.template, html=False), known)
    return Rendered(subject="", text=_with_code(words, known), html="")


def render(written: Written, channel: str, variables: Mapping[str, str]) -> Rendered:
    """The texts of one template on its own. Raises TemplateProblem."""
    if channel == "sms":
        return sms(written, variables)
    return email(written, None, variables) if written.format == "html" else email(None, written, variables)


def sample(written: Written, given: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that a preview shows: the type's samples, and what was given instead of them."""
    support = {"support_email": written.support_email or "", "support_email_title": written.support_email_title or ""}
    return {**SAMPLES[written.type], **support, **(given or {})}


def check(written: Written, channel: str) -> Rendered:
    """The template's texts with sample data. Raises Invalid naming the line of what is wrong."""
    html = written.format == "html" and channel == "email"
    _check_address(written.support_email)
    for member, source, as_html in (("subject", written.subject, False), ("template", written.template, html)):
        try:
            _check_names(source, html=as_html, known=frozenset(SAMPLES[written.type]))
            rendered(compiled(source, html=as_html), sample(written))
            rendered(compiled(source, html=as_html), dict.fromkeys(SAMPLES[written.type], ""))
        except TemplateProblem as problem:
            raise refusal(problem, member) from None
    try:
        return render(written, channel, sample(written))
    except TemplateProblem as problem:
        raise refusal(problem, "template") from None


def _check_address(support_email: str | None) -> None:
    try:
        checked_address(support_email or "nobody@example.org")
    except Refused:
        raise Invalid("This is not an address.", pointer="/data/attributes/support-email") from None


def refusal(problem: TemplateProblem, member: str) -> Invalid:
    """What a client is told of a bad template."""
    where = None if problem.line is None else {"line": problem.line}
    return Invalid(str(problem), pointer=f"/data/attributes/{member}", code="bad-template", meta=where)


def _check_names(source: str, *, html: bool, known: frozenset[str]) -> None:
    """Only declared variables are used, and nothing that Python keeps to itself. Raises TemplateProblem."""
    compiled(source, html=html)
    tree = (HTML if html else TEXT).parse(source)
    unknown = meta.find_undeclared_variables(tree) - known
    for name in tree.find_all(nodes.Name):
        if name.name in unknown:
            there = ", ".join(sorted(known))
            raise TemplateProblem(f"There is no variable {name.name}; there are {there}.", name.lineno)
    for attribute in tree.find_all(nodes.Getattr):
        if attribute.attr.startswith("_"):
            raise TemplateProblem(f"The attribute {attribute.attr} may not be read.", attribute.lineno)


def _known(written: Written, variables: Mapping[str, str]) -> dict[str, str]:
    """Every declared variable, empty where the message does not have it."""
    support = {"support_email": written.support_email or "", "support_email_title": written.support_email_title or ""}
    return {**dict.fromkeys(SAMPLES[written.type], ""), **support, **variables}


def _with_code(text: str, variables: Mapping[str, str]) -> str:
    """The text, with the message's code alone on a line: readers and programs find it there."""
    code = variables.get("code")
    if not code or code in (line.strip() for line in text.splitlines()):
        return text
    return f"{text.rstrip()}\n\n{code}\n"


@lru_cache(maxsize=TEMPLATES_KEPT)
def _template(source: str, *, html: bool) -> Template:
    return compiled(source, html=html)
