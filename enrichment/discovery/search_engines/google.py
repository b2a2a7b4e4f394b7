"""Google Programmable Search, Custom Search JSON API (https://developers.google.com/custom-search/v1/reference)."""

from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.search_engines.base import MAX_BYTES, Result, Results, answer_to, body_of, results_in
from enrichment.discovery.service import Answer, Service, listed, text_of

BASE_URL = "https://customsearch.googleapis.com"

_PATH = "/customsearch/v1"
_PER_PAGE = 10
_LAST_PAGE = 10  # the first 100 results can be had
_QUOTA = frozenset({"dailylimitexceeded", "quotaexceeded", "dailylimitexceededunreg", "limitexceeded"})
_RATE = frozenset({"ratelimitexceeded", "userratelimitexceeded"})
_BAD_KEY = frozenset({"keyinvalid", "keyexpired", "api_key_invalid"})


class GooglePse:
    """A search engine of one's own at Google, `cx`, asked with an API key. It should search linkedin.com."""

    name = "google_pse"
    title = "Google Programmable Search"

    def __init__(self, *, api_key: str, cx: str, base_url: str = BASE_URL) -> None:
        self._cx = cx
        self._service = Service(self.name, self.title, base_url, secret={"key": api_key}, max_bytes=MAX_BYTES)

    def search(self, query: str, context: Context, page: int) -> Results:
        """Return page `page`, from 1 to 10, of 10 results. Raises SourceError."""
        start = (min(page, _LAST_PAGE) - 1) * _PER_PAGE + 1
        params = {"cx": self._cx, "q": query, "num": str(_PER_PAGE), "start": str(start)}

        def read(body: dict[str, Any]) -> tuple[tuple[Result, ...], bool]:
            found = results_in(body.get("items"), title="title", url="link", snippet="snippet")
            queries = body.get("queries")
            more = isinstance(queries, dict) and bool(listed(queries.get("nextPage")))
            return found, more and bool(found) and page < _LAST_PAGE

        return answer_to(self._service, context, _PATH, params, read=read, refused=self._refused)

    def _refused(self, answer: Answer) -> SourceError:
        reasons, message = _why(answer)
        status = answer.status
        if status in (403, 429) and (reasons & _QUOTA or "per day" in message):
            return self._service.trouble("quota", "The day's queries to {title} are used up ({status}).", status=status)
        if status in (403, 429) and reasons & _RATE:
            return self._service.trouble(
                "rate_limited", "{title} is asked too often ({status}); it is left alone for a while.", status=status
            )
        if status == 400 and (reasons & _BAD_KEY or "api key" in message):
            return self._service.trouble("bad_key", "{title} does not know the key (400): check it.")
        if status == 403:
            return self._service.trouble(
                "bad_key",
                "{title} turned the key down (403): allow the Custom Search API for it in the Google Cloud console.",
            )
        if status in (400, 404):
            return self._service.trouble(
                "http_status",
                "{title} does not take the query ({status}): check the id of the search engine (cx).",
                status=status,
            )
        return self._service.refusal(answer)


def _why(answer: Answer) -> tuple[set[str], str]:
    """Return the reasons in Google's error envelope and its message, in lower case."""
    error = body_of(answer).get("error")
    if not isinstance(error, dict):
        return set(), ""
    items = [*listed(error.get("errors")), *listed(error.get("details"))]
    return {text_of(item.get("reason")).lower() for item in items} - {""}, text_of(error.get("message")).lower()
