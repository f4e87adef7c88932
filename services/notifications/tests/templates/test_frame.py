"""How the platform's mails look."""

import re

import pytest
from notifications.templates import platform_texts

VARIABLES = {"code": "482913", "first_name": "Ana", "organization": "Harbour Clinic"}


@pytest.mark.parametrize("locale", platform_texts.locales())
def test_what_holds_in_the_dark_and_on_telephones_is_stronger_than_the_elements_own_styles(locale):
    """Styles are written into the elements, where they come before every rule that is not important."""
    html = platform_texts.email("sign-up-code", locale, VARIABLES).html
    assert 'style="' in html
    media = re.findall(r"@media \((?:prefers-color-scheme: dark|max-width: 480px)\) \{(.*?)\n  \}", html, re.DOTALL)
    declarations = [one for rules in media for one in re.findall(r"([a-z-]+: [^;{}]+);", rules)]
    assert len(media) == 2
    assert len(declarations) >= 7
    assert [one for one in declarations if not one.endswith("!important")] == []
