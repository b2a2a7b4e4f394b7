"""What no log line may hold: secrets at any level, addresses of people above DEBUG. The last step before it is written.

Code does not log these in the first place. This is for what it does not write itself: the message of an exception
from a library, a URL in a traceback, the path of a request that was refused.
"""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

HIDDEN = "***"
ADDRESS = "[address]"
SHORTEST_SECRET = 8  # a shorter value of a setting would be found in ordinary words
_DEEPEST = 6

# Names of which the value is hidden, whatever it is. `auth_header` and `X-API-KEY` are among them, `keys_read` is not.
_SECRET_NAME = re.compile(
    r"(?:^|[_\W])(?:passwords?|passwd|pwd|passphrase|secrets?|tokens?|credentials?|authorization|cookies?|dsn|api_?keys?|"
    r"(?:secret|private|encryption|index|signing|access)_keys?|subscription_token|csrfmiddlewaretoken|sessionid)$",
    re.IGNORECASE,
)
_NAMED = re.compile(  # password=…, "token": "…", ?key=…&code=…
    r"(?P<name>(?:\b[\w-]{0,40}(?:password|passwd|passphrase|secret|token|credential|api[_-]?key|sessionid|signature)s?"
    r"|(?<=[?&])(?:key|code|auth|sig|cx))[\"']?\s{0,3}[=:]\s{0,3}[\"']?)(?P<value>[^\s\"'&,;)}\]<>]+)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<name>\b(?:authorization|x-api-key|x-subscription-token|(?:set-)?cookie)[\"']?\s{0,3}[:=]\s{0,3}[\"']?)[^\r\n\"']+",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"\b(Bearer|Basic|bearer|basic) +[A-Za-z0-9._~+/=-]{12,}")
_OWN_TOKEN = re.compile(r"\benr_[A-Za-z0-9_-]{9,}")  # with the eight characters that the admin shows, it is a hint
_JWT = re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?")
_USER_INFO = re.compile(r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^\s/?#\"'<>]*@")
# The links in mails: whoever has one acts for the person.
_LINK = re.compile(r"(?P<path>/(?:unsubscribe|privacy/confirm|privacy|password/reset/[\w=-]{1,40})/)[^\s/?\"'<>]{8,}")
_EMAIL = re.compile(r"[^\W_][\w.!#$%&'*+/=?^`{|}~-]{0,254}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")


def text(value: str, *, addresses: bool = True, secrets: tuple[str, ...] = ()) -> str:
    """Return `value` without secrets, of which `secrets` are known to the letter, and without e-mail `addresses`."""
    for secret in secrets:
        value = value.replace(secret, HIDDEN)
    if ":" in value or "=" in value or " " in value:
        value = _USER_INFO.sub(rf"\g<scheme>{HIDDEN}@", value)
        value = _HEADER.sub(rf"\g<name>{HIDDEN}", value)
        value = _SCHEME.sub(rf"\1 {HIDDEN}", value)
        value = _NAMED.sub(rf"\g<name>{HIDDEN}", value)
    value = _OWN_TOKEN.sub(HIDDEN, value)
    value = _JWT.sub(HIDDEN, value)
    if "/" in value:
        value = _LINK.sub(rf"\g<path>{HIDDEN}", value)
    if addresses and ("@" in value or "%40" in value):
        value = _EMAIL.sub(ADDRESS, value)
    return value


def is_secret_name(name: str) -> bool:
    """Return whether a thing of this name is a secret: `api_key`, `SECRET_KEY`, `X-Subscription-Token`."""
    return _SECRET_NAME.search(name.replace("-", "_")) is not None


def secrets_of(settings: Mapping[str, Any]) -> tuple[str, ...]:
    """Return every secret in the settings, longest first: values by their names, and the passwords of URLs."""
    found: set[str] = set()
    _collect({name: value for name, value in settings.items() if name.isupper()}, found, named=False)
    return tuple(sorted((value for value in found if len(value) >= SHORTEST_SECRET), key=len, reverse=True))


def _collect(value: Any, found: set[str], *, named: bool, depth: int = 0) -> None:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, inner in value.items():
            _collect(inner, found, named=named or is_secret_name(str(name)), depth=depth + 1)
    elif isinstance(value, list | tuple | set):
        for inner in value:
            _collect(inner, found, named=named, depth=depth + 1)
    elif isinstance(value, str):
        if named and not value.isidentifier():
            found.add(value)
        elif named and (any(map(str.isdigit, value)) or len(value) >= 2 * SHORTEST_SECRET):
            found.add(value)  # a word alone is the name of a class or of another setting
        if "://" in value:
            found.update(_passwords(value))


def _passwords(url: str) -> set[str]:
    try:
        password = urlsplit(url).password
    except ValueError:
        return set()
    return {password, unquote(password)} if password else set()


class Redact:
    """A processor of structlog: takes secrets, and above DEBUG addresses, out of whatever a line would hold."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secrets)

    def __call__(self, _logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
        level = str(event.get("level", method)).upper()
        addresses = logging.getLevelNamesMapping().get(level, logging.INFO) > logging.DEBUG
        return {name: self._clean(name, value, addresses, 0) for name, value in event.items()}

    def _clean(self, name: str, value: Any, addresses: bool, depth: int) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if is_secret_name(name):
            return HIDDEN
        if depth > _DEEPEST:
            return HIDDEN
        if isinstance(value, Mapping):
            return {
                self._text(str(key), addresses): self._clean(str(key), one, addresses, depth + 1)
                for key, one in value.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean(name, one, addresses, depth + 1) for one in value]
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        # Anything else is written as its repr() in the end.
        return self._text(value if isinstance(value, str) else repr(value), addresses)

    def _text(self, value: str, addresses: bool) -> str:
        return text(value, addresses=addresses, secrets=self._secrets)
