"""What every search engine offers: a query goes in, a page of results comes out; what could be read is kept a week."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import unescape
from typing import Any, Protocol

from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import Answer, Service, listed, parse_json, text_of

KEEP = timedelta(days=7)
MAX_BYTES = 3_000_000  # of one answer
MAX_RESULTS = 50  # of one answer; engines send 10 to 30
MAX_TITLE = 300
MAX_SNIPPET = 1500


@dataclass(frozen=True, slots=True)
class Result:
    """One result as the engine shows it. `dated`: when the page was written or changed, if the engine says so."""

    title: str
    url: str
    snippet: str
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """One page of results, none for nothing found. `more`: there is a next page. `fetched_at`: when it was asked."""

    results: tuple[Result, ...]
    more: bool
    fetched_at: datetime


class Engine(Protocol):
    """A search engine. `name`: the source's, as in ENRICHMENT_SOURCES; `title`: what people call it."""

    name: str
    title: str

    def search(self, query: str, context: Context, page: int) -> Results:
        """Return page `page`, from 1, for `query`. Raises SourceError."""


Read = Callable[[dict[str, Any]], tuple[tuple[Result, ...], bool]]


def answer_to(
    service: Service,
    context: Context,
    path: str,
    params: dict[str, str],
    *,
    read: Read,
    refused: Callable[[Answer], SourceError],
    ask: Callable[[], Answer] | None = None,
) -> Results:
    """Return what `read` makes of the service's JSON: its results, and whether there are more.

    An answer kept within the last 7 days comes first. Only what `read` took without a SourceError is kept: a failure
    that comes with status 200 must not last a week, which is why Service's own keeping is not used. `refused` gives
    the error for other statuses, `ask` asks in place of `Service.ask`. Raises SourceError.
    """
    key = f"{service.name} {service.url(path, params)}"
    kept = context.answers.get(key)
    known = kept if kept and kept.is_fresh(KEEP, context.now()) else None
    if known:
        answer = Answer(known.status, {}, known.content, known.fetched_at)
    else:
        answer = ask() if ask else service.ask(context, path, params)
    if answer.status != 200:
        raise refused(answer)
    body = service.json(answer)
    if not isinstance(body, dict):
        raise service.trouble("malformed", "{title} sent JSON of another form than it documents; try again later.")
    results, more = read(body)
    if not known:
        context.answers.put(Kept(key, answer.fetched_at, answer.content))
    return Results(results, more, answer.fetched_at)


def body_of(answer: Answer) -> dict[str, Any]:
    """Return the JSON object in an error's body, empty for anything else."""
    try:
        body = parse_json(answer.content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def results_in(items: Any, *, title: str, url: str, snippet: str, day: str = "") -> tuple[Result, ...]:
    """Return the results in a list of objects, whose keys the other arguments name; those without URL or title not."""
    found = (
        Result(
            unescape(text_of(item.get(title))[:MAX_TITLE]),
            text_of(item.get(url)),
            unescape(text_of(item.get(snippet))[:MAX_SNIPPET]),
            _day(item.get(day)) if day else None,
        )
        for item in listed(items)[:MAX_RESULTS]
    )
    return tuple(result for result in found if result.url and result.title)


def _day(value: Any) -> date | None:
    """Return the day that an ISO 8601 text begins with."""
    try:
        return date.fromisoformat(text_of(value)[:10])
    except ValueError:
        return None
