"""A request to the provider as Authlib reads it: parameters that come once each, and the client's credential."""

# Authlib's methods take what any model might be; ours take what our models are.
# pyright: reportIncompatibleMethodOverride=false, reportIncompatibleVariableOverride=false

from collections import defaultdict
from typing import Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import OAuth2Payload

from identity.throttling.callers import AnyRequest

FORM = "application/x-www-form-urlencoded"
MOST_PARAMETERS = 60
LONGEST_BODY = 64 * 1024
CREDENTIALS = ("client_secret", "client_assertion")


class Parameters(OAuth2Payload):
    """Names and values; an empty value counts as none (RFC 6749, section 3.1)."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        """`pairs` in the order in which they came."""
        self._lists: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            if value:
                self._lists[name].append(value)
        self._values = {name: values[0] for name, values in self._lists.items()}

    @property
    def data(self) -> dict[str, str]:
        """The first value of each."""
        return self._values

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """All values of each."""
        return self._lists

    @property
    def repeated(self) -> list[str]:
        """The names that came more than once."""
        return [name for name, values in self._lists.items() if len(values) > 1]


class Asked(OAuth2Request):
    """A request to one of the provider's addresses. What comes in the address and in the body is read alike."""

    payload: Parameters
    client: Any
    headers: dict[str, str]
    scope: str

    def __init__(self, method: str, path: str, headers: dict[str, str], pairs: list[tuple[str, str]]) -> None:
        """TLS ends at the gateway, so the scheme of this request says nothing and is not looked at."""
        super().__init__(method, f"https://provider{path}", headers=headers)
        self.path = path
        self.payload = Parameters(pairs)

    @property
    def form(self) -> dict[str, str]:
        """The parameters of the body."""
        return self.payload.data

    @property
    def args(self) -> dict[str, str]:
        """The parameters of the address."""
        return self.payload.data


def from_query(request: AnyRequest) -> Asked:
    """What came in the address."""
    return Asked(request.method, request.scope["path"], {}, _pairs(request.scope["query_string"]))


async def from_form(request: AnyRequest) -> Asked:
    """What came as a form. Raises InvalidRequestError for another kind of body."""
    raw = await request.body()
    if raw and request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise InvalidRequestError(f"Send the parameters as {FORM}.")
    headers = {"Authorization": value} if (value := request.headers.get("authorization")) else {}
    return Asked(request.method, request.scope["path"], headers, _pairs(raw))


def demand_single(asked: Asked) -> None:
    """Raise InvalidRequestError for a parameter that came twice, or a client that shows two credentials."""
    if repeated := asked.payload.repeated:
        named = ", ".join(name for name in sorted(repeated) if name.isidentifier())
        raise InvalidRequestError(f"These parameters came more than once: {named}.")
    shown = sum(name in asked.form for name in CREDENTIALS) + ("Authorization" in asked.headers)
    if shown > 1:
        raise InvalidRequestError("The client shows more than one credential.")


def _pairs(raw: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(raw.decode(), keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except ValueError:
        raise InvalidRequestError("The parameters cannot be read.") from None


def plain_word(value: Any) -> bool:
    """Whether a value may be repeated in an error (RFC 6749, section 5.2)."""
    return isinstance(value, str) and all(" " <= letter <= "~" and letter not in '"\\' for letter in value)
