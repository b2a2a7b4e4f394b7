"""Asking an outside service for JSON: one way to send, to read an answer, and to say what went wrong.

An adapter makes a `Service`, asks it, and looks at the status only where the service has a meaning of its own for
it. Everything else becomes a SourceError with one of these codes: `timeout`, `unreachable`, `blocked`, `bad_key`,
`rate_limited`, `quota`, `unavailable`, `http_status`, `malformed`.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from core.http import FetchError, Form, Response
from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Context, Diagnostic, SourceError

PATIENCE = 5.0  # seconds that a Retry-After may ask for and be waited for; beyond them the source gives up

_BLOCKED = frozenset({"blocked_address", "bad_url", "not_followed", "too_many_redirects"})
_UNAVAILABLE = frozenset({500, 502, 503, 504, 522, 524})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: `status`, `headers` (names know no case), `content` and the moment it was fetched."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    fetched_at: datetime


@dataclass(slots=True)
class Service:
    """A service under one origin, asked with GET and POST, by default one request at a time.

    `name`: the source's, `title`: what people call it. `base_url`: scheme and host, as configured by the operator, so
    trusted; where it redirects to is not. `headers` go with every request, `secret` parameters with every request and
    into no key, log or message. `pause`: seconds between two requests, when the service asks for it. `timeout`:
    seconds for one request. `parallel`: threads need not wait for each other's answers; there is no pause then.
    """

    name: str
    title: str
    base_url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0
    timeout: float = 10.0
    max_bytes: int | None = None
    parallel: bool = False
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _next: float = field(default=0.0, repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or self.base_url

    def url(self, path: str, params: Mapping[str, str] | None = None) -> str:
        """Return where `path` is, without secrets: good for evidence."""
        query = f"?{urlencode(params)}" if params else ""
        return f"{self.base_url.rstrip('/')}{path}{query}"

    def ask(
        self,
        context: Context,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        keep: timedelta | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """GET `path`; any status is an answer, but 429 and 503 with a short Retry-After are asked once more.

        `headers` go with this request. `keep`: an answer that is not older is taken from `context.answers`, and a new
        one is kept if it is JSON or XML with status 200.
        Raises SourceError (timeout, unreachable, blocked).
        """
        key = f"{self.name} {self.url(path, params)}"
        kept = context.answers.get(key) if keep else None
        if kept and keep and kept.is_fresh(keep, context.now()):
            return Answer(kept.status, {}, kept.content, kept.fetched_at)
        answer = self._get(context, path, params, headers)
        wait = _retry_after(answer, context.now())
        if answer.status in (429, 503) and wait is not None and wait <= PATIENCE and not context.stopped():
            context.sleep(wait)
            answer = self._get(context, path, params, headers)
        if keep and _is_keepable(answer):
            context.answers.put(Kept(key, answer.fetched_at, answer.content))
        return answer

    def json(self, answer: Answer) -> Any:
        """Return the JSON of an answer. Raises SourceError (malformed)."""
        try:
            return parse_json(answer.content)
        except ValueError:
            raise self.trouble("malformed", "{title} sent something that is not JSON; try again later.") from None

    def get(
        self,
        context: Context,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        keep: timedelta | None = None,
        missing: tuple[int, ...] = (404,),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Return the JSON at `path`, None where the status is one of `missing`. Raises SourceError."""
        return self._read(self.ask(context, path, params, keep=keep, headers=headers), missing)

    def submit(
        self,
        context: Context,
        path: str,
        *,
        json: Any = None,
        form: Form | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """POST `json` or the fields of a `form` to `path`, once; any status is an answer, and none is kept.

        Raises SourceError (timeout, unreachable, blocked).
        """
        url, headers = self.url(path, self.secret), {**self.headers, **(headers or {})}
        return self._send(
            context,
            lambda: context.client.post(
                url, json=json, form=form, headers=headers, timeout=self.timeout, max_bytes=self.max_bytes, trusted=True
            ),
        )

    def post(
        self,
        context: Context,
        path: str,
        *,
        json: Any = None,
        form: Form | None = None,
        headers: Mapping[str, str] | None = None,
        missing: tuple[int, ...] = (404,),
    ) -> Any:
        """Return the JSON that `submit` brings, None where the status is one of `missing`. Raises SourceError."""
        return self._read(self.submit(context, path, json=json, form=form, headers=headers), missing)

    def _read(self, answer: Answer, missing: tuple[int, ...]) -> Any:
        if answer.status in missing:
            return None
        if answer.status != 200:
            raise self.refusal(answer)
        return self.json(answer)

    def refusal(self, answer: Answer) -> SourceError:
        """Return the error for a status other than 200 whose meaning is the usual one."""
        status = answer.status
        if status in (401, 403):
            return self.trouble("bad_key", "{title} turned the request down ({status}): check its key.", status=status)
        if status == 402:
            return self.trouble("quota", "{title} says that its quota is used up ({status}).", status=status)
        if status == 429:
            return self.trouble(
                "rate_limited", "{title} is asked too often ({status}); it is left alone for a while.", status=status
            )
        if status in _UNAVAILABLE:
            return self.trouble("unavailable", "{title} is out of order ({status}); try again later.", status=status)
        return self.trouble("http_status", "{title} answered with status {status}.", status=status)

    def trouble(self, code: str, sentence: str, **values: object) -> SourceError:
        """Return a SourceError of this service; `{title}` and `values` are put into the sentence."""
        return SourceError(Diagnostic(code, sentence.format(title=self.title, **values), self.name))

    def _get(
        self, context: Context, path: str, params: Mapping[str, str] | None, headers: Mapping[str, str] | None
    ) -> Answer:
        url, headers = self.url(path, {**(params or {}), **self.secret}), {**self.headers, **(headers or {})}
        return self._send(
            context,
            lambda: context.client.get(
                url, headers=headers, timeout=self.timeout, max_bytes=self.max_bytes, trusted=True
            ),
        )

    def _send(self, context: Context, send: Callable[[], Response]) -> Answer:
        """Send a request when it is its turn."""
        with nullcontext() if self.parallel else self._turn:
            waiting = self._next - time.monotonic()
            if waiting > 0:
                context.sleep(waiting)
            self._next = time.monotonic() + self.pause
            try:
                response = send()
            except FetchError as error:
                # The error's own sentence names hosts only, never the query.
                code = error.code if error.code == "timeout" else "blocked" if error.code in _BLOCKED else "unreachable"
                raise self.trouble(code, "{title} could not be asked: {why}", why=error.sentence) from None
        return Answer(response.status, response.headers, response.content, context.now())


def parse_json(content: bytes) -> Any:
    """Return what `content` says. Raises ValueError for anything but JSON that can be read."""
    try:
        text = content.decode("utf-8-sig")
        value = json.loads(text)
    except RecursionError:
        raise ValueError("too deep") from None
    return value


def _is_keepable(answer: Answer) -> bool:
    """Whether it is an answer to keep: XML, or JSON that can be read; an error page in HTML is none."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if answer.status != 200 or (kind and not kind.endswith(("json", "xml"))):
        return False
    if kind.endswith("xml"):
        return True
    try:
        parse_json(answer.content)
    except ValueError:
        return False
    return True


def _retry_after(answer: Answer, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110 section 10.2.3), None without one that can be read."""
    value = answer.headers.get("Retry-After", "").strip()
    if value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - now).total_seconds(), 0.0)


def listed(value: Any) -> list[dict[str, Any]]:
    """Return the objects in what should be a list of objects: services send null, or one object, just as well."""
    if isinstance(value, dict):
        return [value]
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def text_of(value: Any) -> str:
    """Return what should be a text, trimmed: "" for null and for anything else."""
    return " ".join(value.split()) if isinstance(value, str) else ""
