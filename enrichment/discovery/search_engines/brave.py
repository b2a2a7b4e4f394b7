"""Brave Search API (https://api-dashboard.search.brave.com/app/documentation)."""

from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.search_engines.base import MAX_BYTES, Result, Results, answer_to, body_of, results_in
from enrichment.discovery.service import PATIENCE, Answer, Service, listed, text_of

BASE_URL = "https://api.search.brave.com"

_PATH = "/res/v1/web/search"
_LAST_PAGE = 10  # `offset` goes from 0 to 9
_BAD_KEY = frozenset({"SUBSCRIPTION_TOKEN_INVALID", "SUBSCRIPTION_NOT_FOUND"})


class Brave:
    """Brave's web search with a subscription's key."""

    name = "brave"
    title = "Brave Search"

    def __init__(self, *, api_key: str, base_url: str = BASE_URL) -> None:
        headers = {"X-Subscription-Token": api_key, "Accept": "application/json"}
        self._service = Service(self.name, self.title, base_url, headers=headers, max_bytes=MAX_BYTES)

    def search(self, query: str, context: Context, page: int) -> Results:
        """Return page `page`, from 1 to 10, of 20 results. Raises SourceError."""
        params = {
            "q": query,
            "count": "20",
            "offset": str(min(page, _LAST_PAGE) - 1),
            "spellcheck": "false",  # it would search for another name
            "text_decorations": "false",
        }

        def read(body: dict[str, Any]) -> tuple[tuple[Result, ...], bool]:
            web, about = body.get("web"), body.get("query")
            items = web.get("results") if isinstance(web, dict) else None
            more = isinstance(about, dict) and about.get("more_results_available") is True
            found = results_in(items, title="title", url="url", snippet="description", day="page_age")
            return found, more and page < _LAST_PAGE

        def ask() -> Answer:
            return self._ask(context, params)

        return answer_to(self._service, context, _PATH, params, read=read, refused=self._refused, ask=ask)

    def _ask(self, context: Context, params: dict[str, str]) -> Answer:
        """Ask; when the requests of this second are used up, wait for the next one and ask once more."""
        answer = self._service.ask(context, _PATH, params)
        if answer.status != 429 or "Retry-After" in answer.headers or _is_quota(answer):
            return answer
        wait = next(iter(_numbers(answer, "X-RateLimit-Reset")), None)
        if wait is None or wait > PATIENCE or context.stopped():
            return answer
        context.sleep(wait)
        return self._service.ask(context, _PATH, params)

    def _refused(self, answer: Answer) -> SourceError:
        code = _code(answer)
        if code in _BAD_KEY:  # these come with 422 and 404
            return self._service.trouble(
                "bad_key", "{title} does not know the key ({status}): check it.", status=answer.status
            )
        if _is_quota(answer):
            return self._service.trouble(
                "quota", "The month's requests to {title} are used up ({status}).", status=answer.status
            )
        return self._service.refusal(answer)


def _code(answer: Answer) -> str:
    """Return the error's code. It stands in the object `error`; the documentation's examples show a list `errors`."""
    body = body_of(answer)
    errors = [*listed(body.get("error")), *listed(body.get("errors"))]
    return next(filter(None, (text_of(error.get("code")).upper() for error in errors)), "")


def _is_quota(answer: Answer) -> bool:
    """Whether the plan's quota is used up, not the rate of this second: by the code, else by what remains."""
    code = _code(answer)
    if code in ("QUOTA_LIMITED", "RATE_LIMITED"):
        return code == "QUOTA_LIMITED"
    left = _numbers(answer, "X-RateLimit-Remaining")
    return answer.status == 429 and len(left) > 1 and left[-1] == 0


def _numbers(answer: Answer, header: str) -> list[int]:
    """Return the numbers of a header such as "1, 15000": for the second first, for the month last."""
    parts = [part.strip() for part in answer.headers.get(header, "").split(",")]
    return [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 12]
