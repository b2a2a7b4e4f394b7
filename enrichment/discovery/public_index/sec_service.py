"""EDGAR's three hosts as one: www.sec.gov has the filings, data.sec.gov the lists of them, efts.sec.gov the search.

The SEC asks for a User-Agent with a contact, and for at most ten requests a second from everybody behind it.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import Answer, Service

NAME = "sec_edgar"
TITLE = "SEC EDGAR"
BASE_URL = "https://www.sec.gov"
DATA_URL = "https://data.sec.gov"
SEARCH_URL = "https://efts.sec.gov"
PAUSE = 0.15  # seconds between two requests to a public host; they are asked one after the other
KEEP = timedelta(days=1)
MAX_BYTES = 5_000_000

# The SEC's edge turns noreply@ addresses away as well.
CONTACT = re.compile(r"(?<![\w.+-])(?!no-?reply@)[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_TOO_FAST = re.compile(rb"request rate|rate threshold", re.IGNORECASE)


class Edgar:
    """EDGAR at its public hosts, or all of it at another `base_url`. `user_agent`: the one that the client sends.

    `is_public`: whether it is the SEC's own.
    """

    def __init__(self, *, user_agent: str, base_url: str = BASE_URL) -> None:
        self.is_public = base_url.rstrip("/") == BASE_URL
        self._has_contact = CONTACT.search(user_agent) is not None
        self._www = self._service(base_url)
        self._data = self._service(DATA_URL if self.is_public else base_url)
        self._search = self._service(SEARCH_URL if self.is_public else base_url)

    def listed(self, context: Context) -> Any:
        """Return the JSON of all listed companies. Raises SourceError."""
        return self._json(self._www, context, "/files/company_tickers.json")

    def submissions(self, cik: int, context: Context) -> tuple[Any, Answer] | None:
        """Return the JSON of a filer's entry with the answer it came in; None for a number that nobody has.

        Raises SourceError.
        """
        answer = self._ask(self._data, context, f"/submissions/CIK{cik:010d}.json", keep=KEEP)
        return None if answer.status == 404 else (self._data.json(answer), answer)

    def search(self, params: Mapping[str, str], context: Context) -> Any:
        """Return the JSON of a full-text search; None where there is none. Raises SourceError."""
        return self._json(self._search, context, "/LATEST/search-index", params, keep=KEEP)

    def document(self, path: str, context: Context) -> Answer | None:
        """Return a document of a filing, None where there is none. Raises SourceError."""
        answer = self._ask(self._www, context, path)
        return None if answer.status == 404 else answer

    def url(self, path: str) -> str:
        return self._www.url(path)

    def malformed(self) -> SourceError:
        """Return the error for JSON of another form than documented."""
        return self._www.trouble("malformed", "{title} sent something other than documented; try again later.")

    def _service(self, base_url: str) -> Service:
        return Service(NAME, TITLE, base_url, pause=PAUSE if self.is_public else 0.0, max_bytes=MAX_BYTES)

    def _json(
        self,
        service: Service,
        context: Context,
        path: str,
        params: Mapping[str, str] | None = None,
        keep: timedelta | None = None,
    ) -> Any:
        answer = self._ask(service, context, path, params, keep)
        return None if answer.status == 404 else service.json(answer)

    def _ask(
        self,
        service: Service,
        context: Context,
        path: str,
        params: Mapping[str, str] | None = None,
        keep: timedelta | None = None,
    ) -> Answer:
        """Return an answer of status 200 or 404. Raises SourceError."""
        if self.is_public and not self._has_contact:
            raise service.trouble(
                "no_contact",
                "{title} answers only those who say how to reach them: put an e-mail address of yours into "
                "ENRICHMENT_USER_AGENT, as in Acme-Sales/1.0 (ops@acme.example).",
            )
        answer = service.ask(context, path, params, keep=keep)
        if answer.status == 403:
            raise self._turned_away(service, answer)
        if answer.status not in (200, 404):
            raise service.refusal(answer)
        return answer

    def _turned_away(self, service: Service, answer: Answer) -> SourceError:
        """A 403 has a page for people: it is about the User-Agent, or about too many requests."""
        if _TOO_FAST.search(answer.content):
            return service.trouble("rate_limited", "{title} is asked too often (403); it is left alone for a while.")
        return service.trouble(
            "no_contact",
            "{title} turned the request down (403): it wants a product name and an e-mail address that works in "
            "ENRICHMENT_USER_AGENT.",
        )
