"""Templates that try what they may not."""

import pytest
from notifications.templates import platform_texts
from notifications.templates.restricted import TemplateProblem, compiled, rendered


@pytest.mark.parametrize(
    "source",
    [
        "{% for i in range(10**9) %}{% endfor %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 2 ** 99999 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ '{:>999999999}'.format(1) }}",
        "{{ ''.__class__.__mro__ }}{{ x() }}",
        "{{ cycler }}{{ lipsum() }}",
        "{% set a = 'x' %}{{ a }}",
        "{% with a = 'x' %}{{ a }}{% endwith %}",
        "{% include 'platform/frame.html' %}",
        "{% extends 'frame.html' %}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{{ name|center(100000) }}",
        "{{ name|attr('upper') }}",
        "{{ name|nothing }}",
        "{{ name",
        "{% if %}",
        "{% for a in l %}{% for b in l %}{% for c in l %}x{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in l recursive %}x{% endfor %}",
        "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
        "x" * 200_000,
    ],
)
def test_refused_when_compiled(source):
    with pytest.raises(TemplateProblem):
        compiled(source, html=False)


def test_a_problem_names_its_line():
    with pytest.raises(TemplateProblem) as caught:
        compiled("one\ntwo\n{{ f() }}", html=False)
    assert caught.value.line == 3


@pytest.mark.parametrize(
    "source", ["{{ missing }}", "{{ name.__class__ }}", "{{ name.missing }}", "{{ name[0][0].x }}"]
)
def test_refused_when_rendered(source):
    template = compiled(source, html=False)
    with pytest.raises(TemplateProblem) as caught:
        rendered(template, {"name": "SECRET"})
    assert "SECRET" not in str(caught.value)


def test_output_is_limited_and_loops_end():
    template = compiled("{% for a in l %}{% for b in l %}{{ b }}{% endfor %}{% endfor %}", html=False)
    with pytest.raises(TemplateProblem, match="longer than"):
        rendered(template, {"l": ["0123456789"] * 1000})


def test_markup_is_escaped_in_html_only():
    assert rendered(compiled("{{ n }}", html=True), {"n": "<b>"}) == "&lt;b&gt;"
    assert rendered(compiled("{{ n }}", html=False), {"n": "<b>"}) == "<b>"


@pytest.mark.parametrize("locale", ["en_US", "es_US"])
@pytest.mark.parametrize("kind", platform_texts.TYPES)
def test_the_platform_has_every_text(kind, locale):
    invitation = {"organization": "Care", "username": "", "inviter": "Ana", "reason": "A ticket"}
    variables = {"first_name": "Ana", "last_name": "", "code": "123456", **invitation}
    mail = platform_texts.email(kind, locale, variables)
    assert mail.subject
    assert "Ana" in mail.text
    assert "<p " in mail.html
    invites = kind in {"onboarding", "onboarding-provider", "registration-invitation"}
    assert ("123456" in mail.text.splitlines()) == (kind.endswith("-code") or invites)
    assert platform_texts.sms(kind, locale, variables).text


@pytest.mark.parametrize(
    ("asked", "found"), [("es_MX", "es_US"), ("es", "es_US"), ("en-US", "en_US"), ("fr_FR", "en_US"), ("", "en_US")]
)
def test_the_nearest_locale_is_taken(asked, found):
    assert platform_texts.nearest(asked) == found


def test_without_a_name_the_greeting_stands():
    text = platform_texts.email("sign-up-code", "en_US", {"first_name": "", "code": "1"}).text
    assert text.startswith("Hello,")
