"""SearXNG, the self-hosted metasearch engine (https://docs.searxng.org/dev/search_api.html)."""

from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.search_engines.base import MAX_BYTES, Result, Results, answer_to, results_in
from enrichment.discovery.service import Answer, Service, text_of

ENGINES_SHOWN = 5


class SearXng:
    """An instance of one's own at `base_url`, which has no default. It must allow JSON: `formats: [html, json]`."""

    name = "searxng"
    title = "SearXNG"

    def __init__(self, *, base_url: str) -> None:
        headers = {"Accept": "application/json"}
        self._service = Service(self.name, self.title, base_url, headers=headers, max_bytes=MAX_BYTES)

    def search(self, query: str, context: Context, page: int) -> Results:
        """Return page `page`, from 1. Raises SourceError: besides the usual codes `json_disabled`, `engines_failed`."""
        params = {"q": query, "format": "json", "categories": "general", "pageno": str(page)}
        return answer_to(self._service, context, "/search", params, read=self._read, refused=self._refused)

    def _read(self, body: dict[str, Any]) -> tuple[tuple[Result, ...], bool]:
        results = results_in(body.get("results"), title="title", url="url", snippet="content", day="publishedDate")
        failed = _engines(body.get("unresponsive_engines"))
        if not results and failed:
            raise self._service.trouble(
                "engines_failed",
                "{title} found nothing because its engines did not answer ({engines}): whether there is anybody is not "
                "known. Try again later, or enable other engines in its settings.yml.",
                engines=", ".join(failed[:ENGINES_SHOWN]),
            )
        return results, bool(results)  # it does not say how many there are

    def _refused(self, answer: Answer) -> SourceError:
        if answer.status == 403:
            return self._service.trouble(
                "json_disabled",
                "{title} gives no JSON (403): add json to the formats in its settings.yml (search: formats: [html, "
                "json]) and restart it.",
            )
        if answer.status == 429:
            return self._service.trouble(
                "rate_limited",
                "The limiter of {title} turned the request away (429): put the address of this machine under pass_ip "
                "in its limiter.toml, or switch the limiter off.",
            )
        return self._service.refusal(answer)


def _engines(value: Any) -> list[str]:
    """Return the engines that failed, with the reasons: the value is a list of [engine, reason]."""
    named: list[str] = []
    for item in value if isinstance(value, list) else []:
        texts = [text_of(part)[:40] for part in (item if isinstance(item, list) else [item])[:2]]
        if texts and texts[0]:
            named.append(": ".join(filter(None, texts)))
    return named
