"""In which language a page speaks, and what it says there.

The words stand in the templates in English; `es.json` has the Spanish ones by the English. What has no translation
(a client's name, a detail for developers) stays as it is.
"""

import json
from functools import cache
from importlib import resources
from typing import Any

from identity.throttling.callers import AnyRequest

DEFAULT = "en"
LANGUAGES = (DEFAULT, "es")
MOST = 20


def choose(request: AnyRequest) -> str:
    """The first language of ours among those that the client asks for (`ui_locales`), then those of the browser."""
    asked = request.state.get("ui_locales") or request.query_params.get("ui_locales", "").split()
    for tag in (*asked[:MOST], *accepted(request.headers.get("accept-language", ""))):
        if (language := tag.replace("_", "-").partition("-")[0].lower()) in LANGUAGES:
            return language
    return DEFAULT


def accepted(header: str) -> list[str]:
    """What an Accept-Language or Accept header names, the dearest first (RFC 9110, section 12.5)."""
    found: list[tuple[float, str]] = []
    for part in header.split(",")[:MOST]:
        tag, _, rest = part.strip().partition(";")
        weight = _weight(rest.strip())
        if tag and weight > 0:
            found.append((-weight, tag.strip()))
    return [tag for _, tag in sorted(found, key=lambda pair: pair[0])]


def say(language: str, words: str, /, **values: Any) -> str:
    """What `words` (English) are in a language, with `values` at their places."""
    text = known(language).get(words, words)
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", str(value))
    return text


def speaks(language: str, words: str) -> bool:
    """Whether these words can be said in a language."""
    return language == DEFAULT or words in known(language)


@cache
def known(language: str) -> dict[str, str]:
    """All words of a language by the English ones; none are needed for English."""
    if language == DEFAULT:
        return {}
    return json.loads(resources.files(__name__).joinpath(f"{language}.json").read_text("utf-8"))


def _weight(parameter: str) -> float:
    name, _, value = parameter.partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
