"""SerpApi, Google's results as JSON (https://serpapi.com/search-api)."""

from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.search_engines.base import MAX_BYTES, Result, Results, answer_to, body_of, results_in
from enrichment.discovery.service import Answer, Service, text_of

BASE_URL = "https://serpapi.com"

_PATH = "/search.json"
_PER_PAGE = 10
_EMPTY = "returned any results"  # "Google hasn't returned any results for this query.", with status 200
_USED_UP = "run out of searches"


class SerpApi:
    """SerpApi with an account's key, which it takes in the query only."""

    name = "serpapi"
    title = "SerpApi"

    def __init__(self, *, api_key: str, base_url: str = BASE_URL) -> None:
        self._service = Service(self.name, self.title, base_url, secret={"api_key": api_key}, max_bytes=MAX_BYTES)

    def search(self, query: str, context: Context, page: int) -> Results:
        """Return page `page`, from 1, of 10 results. Raises SourceError."""
        params = {"engine": "google", "q": query, "start": str((page - 1) * _PER_PAGE)}
        return answer_to(self._service, context, _PATH, params, read=self._read, refused=self._refused)

    def _read(self, body: dict[str, Any]) -> tuple[tuple[Result, ...], bool]:
        error = text_of(body.get("error")).lower()
        if error and _EMPTY not in error:
            if _USED_UP in error:
                raise self._used_up()
            raise self._service.trouble("unavailable", "{title} could not search; try again later.")
        pages = body.get("serpapi_pagination")
        more = isinstance(pages, dict) and bool(text_of(pages.get("next")))
        return results_in(body.get("organic_results"), title="title", url="link", snippet="snippet"), more

    def _refused(self, answer: Answer) -> SourceError:
        if _USED_UP in text_of(body_of(answer).get("error")).lower():
            return self._used_up()
        return self._service.refusal(answer)

    def _used_up(self) -> SourceError:
        return self._service.trouble("quota", "The searches of the account at {title} are used up.")
