"""The one exception of outward web requests, and the sentence for each way in which they fail."""

import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3


class FetchError(Exception):
    """A page could not be fetched. `str()` is a sentence for the user; `code` is stable:

    bad_url, blocked_address, unresolvable (no such host), dns_failed (could not tell), unreachable (refused,
    broken off, not HTTP), tls, timeout, too_large, too_many_redirects, not_followed,
    content_type.
    """

    def __init__(self, code: str, sentence: str, url: str) -> None:
        super().__init__(code, sentence, url)
        self.code = code
        self.sentence = sentence
        self.url = url

    def __str__(self) -> str:
        return self.sentence


class OverBudget(Exception):
    """More bytes came, or would come, than the caller allowed."""


class BrokenAnswer(Exception):
    """The server's answer breaks HTTP. str() says how, as the end of a sentence that begins with the host."""


class StaleConnection(Exception):
    """The server had closed a kept-alive connection: the request never reached it."""


# Everything that requests, urllib3, http.client and the sockets below them raise for what a server does.
# ValueError: http.client lets it through for a negative chunk size.
FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,
    OverBudget,
    BrokenAnswer,
    StaleConnection,
)


# In this order: the first rule that any cause of a failure meets gives code and sentence.
_RULES: tuple[tuple[tuple[type[BaseException], ...], str, str], ...] = (
    (
        (TimeoutError, urllib3.exceptions.TimeoutError, requests.Timeout),
        "timeout",
        "{host} did not answer in full within the time allowed. Try again later.",
    ),
    ((OverBudget,), "too_large", "{host} sent more than the {max_bytes:,} bytes that are read of a page."),
    ((http.client.LineTooLong,), "too_large", "{host} sent a header longer than any page needs."),
    ((ssl.SSLCertVerificationError,), "tls", "The certificate of {host} is not valid ({cause.verify_message})."),
    (
        (ssl.SSLError, urllib3.exceptions.SSLError, requests.exceptions.SSLError),
        "tls",
        "No secure connection to {host} could be made; it may only speak http://.",
    ),
    ((BrokenAnswer,), "unreachable", "{host} {cause}"),
    ((http.client.RemoteDisconnected,), "unreachable", "{host} closed the connection without an answer."),
    (
        (
            http.client.BadStatusLine,
            http.client.UnknownProtocol,
            urllib3.exceptions.HeaderParsingError,
            urllib3.exceptions.InvalidHeader,
            ValueError,
        ),
        "unreachable",
        "{host} sent something that is not a well-formed HTTP answer.",
    ),
    ((Exception,), "unreachable", "{host} broke off the connection before its answer was complete."),
)


def translate(failure: Exception, host: str, url: str, max_bytes: int) -> FetchError:
    """Return the FetchError for a failure raised while talking to `host`."""
    causes = list(_causes(failure))
    if any(type(cause) is http.client.HTTPException for cause in causes):  # only ever raised bare for their number
        return FetchError("too_large", f"{host} sent more headers than any page needs.", url)
    code, sentence = next(
        (code, sentence.format(host=host, cause=cause, max_bytes=max_bytes))
        for types, code, sentence in _RULES
        for cause in causes
        if isinstance(cause, types)
    )
    return FetchError(code, sentence, url)


def connect_failed(error: OSError, host: str, port: int, url: str) -> FetchError:
    """Return the FetchError for a connection that could not be made."""
    if isinstance(error, TimeoutError):
        return FetchError("timeout", f"{host} did not accept a connection on port {port} in time. Try later.", url)
    if isinstance(error, ConnectionRefusedError):
        return FetchError("unreachable", f"{host} refused the connection on port {port}.", url)
    reason = error.strerror if error.strerror and not isinstance(error, socket.gaierror) else "no route"
    return FetchError("unreachable", f"No connection to {host} on port {port} could be made: {reason}.", url)


def _causes(failure: BaseException) -> Iterator[BaseException]:
    # requests and urllib3 wrap by argument, by `reason` and by cause; a cycle must not hold us.
    seen: set[int] = set()
    waiting: list[object] = [failure]
    while waiting and len(seen) < 50:
        error = waiting.pop(0)
        if not isinstance(error, BaseException) or id(error) in seen:
            continue
        seen.add(id(error))
        yield error
        waiting += [*error.args, getattr(error, "reason", None), error.__cause__, error.__context__]
