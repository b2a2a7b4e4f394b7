"""Hunter (API v2): addresses seen on public pages, with their sources; checks of mailboxes.

Its statuses have meanings of their own: 202 means that it is still checking (the same question again counts as one
request), 222 that the mail server answered oddly, 403 that it is asked too fast, 429 that the plan is used up, 451
that the person objected to any processing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import Answer, Service, listed, text_of
from enrichment.emails import permutations
from enrichment.emails.checks import Check
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import (
    DOMAIN,
    FIND,
    LATE,
    VERIFY,
    DomainFindings,
    Found,
    Objected,
    Provider,
    Quota,
    StillWorking,
)
from enrichment.emails.providers.reading import address, count, entry, flag, moment, page_url, past, seen_at, share
from enrichment.emails.providers.sayings import said

BASE_URL = "https://api.hunter.io"
VERSION = "/v2"
TIMEOUT = 25.0  # seconds; the finder may take 20
PAUSES = (1.0, 2.0, 4.0, 8.0, 8.0)  # seconds before each repetition of a question that it is still working on
PAGE = 10  # addresses, which is what one request of the plan buys, and all that the free plan gives
MAX_PAGES = 2  # a score of addresses shows how a domain forms them

_REASONS = {
    "valid": "valid",
    "invalid": "invalid",
    "accept_all": "catch_all",
    "webmail": "webmail",
    "disposable": "disposable",
    "unknown": "unclear",
}
_DEPRECATED = {"deliverable": "valid", "undeliverable": "invalid"}  # `result`, from before there was `status`
_UNSCORED = frozenset({"webmail", "disposable"})  # they get 50, whatever the mailbox
_PENDING, _SERVER_FAILED, _OBJECTED = 202, 222, 451


class Hunter(Provider):
    """See the module. `api_key`: as issued by Hunter; it goes into a header, never into a URL."""

    name = "hunter"
    title = "Hunter"
    can = frozenset({FIND, VERIFY, DOMAIN})
    costs = {DOMAIN: MAX_PAGES}

    def __init__(self, *, api_key: str, base_url: str = BASE_URL) -> None:
        """`base_url` with or without the version at its end."""
        base = base_url.rstrip("/").removesuffix(VERSION) + VERSION
        self._service = Service(
            self.name, self.title, base, headers={"X-API-KEY": api_key}, timeout=TIMEOUT, parallel=True
        )

    def find(self, context: Context, first: str, last: str, domain: str) -> Found | None:
        params = {"domain": domain, "first_name": first, "last_name": last}
        answer = self._patiently(context, "/email-finder", params)
        if answer.status == 404:
            return None
        if answer.status == _PENDING:
            raise StillWorking(self._service.trouble("timeout", LATE).diagnostic)
        if answer.status == _SERVER_FAILED:
            raise self._service.trouble("unavailable", "{title} got no answer from the mail server; try again later.")
        data, now = self._data(answer), context.now()
        email = address(data.get("email"))
        if email is None:
            return None
        pages = list(_pages(data, now))
        return Found(
            email=email,
            by=self.name,
            confidence=share(data.get("score")),
            evidence=seen_at(email, pages, self.name),
            check=self._verification(email, data, pages, now),
            at=now,
        )

    def verify(self, context: Context, email: str) -> Check:
        answer = self._patiently(context, "/email-verifier", {"email": email}, email)
        now = context.now()
        if answer.status in (_PENDING, _SERVER_FAILED):
            reason = "still_checking" if answer.status == _PENDING else "server_failed"
            return said(self.name, self.title, email, reason, now)
        data = self._data(answer)
        reason = _reason(data)
        confidence = None if reason in _UNSCORED else share(data.get("score"))
        url = next((url for url, _ in _pages(data, now)), "")
        return said(self.name, self.title, email, reason, now, confidence=confidence, url=url)

    def domain(self, context: Context, domain: str) -> DomainFindings:
        # The count is free, and says whether the search is worth anything.
        counted = self._data(self._ask(context, "/email-count", {"domain": domain, "type": "personal"}))
        total = count(counted.get("personal_emails"))
        if total == 0:
            return DomainFindings(total=count(counted.get("total")), requests=0)
        pages = list(self._search(context, domain))
        first = pages[0]
        known = {pair.email: pair for data in pages for pair in _known(data, context.now())}
        return DomainFindings(
            known=tuple(known.values()),
            catch_all=flag(first.get("accept_all")),
            pattern=_pattern(text_of(first.get("pattern"))),
            total=count(counted.get("total")),
            requests=sum(bool(listed(data.get("emails"))) for data in pages),
        )

    def quota(self, context: Context) -> Quota | None:
        data = self._data(self._ask(context, "/account", {}))
        requests = entry(data.get("requests"))
        # Plans count credits, older ones searches, and before that there were just calls.
        for plan in (requests.get("credits"), requests.get("searches"), data.get("calls")):
            used, total = count(entry(plan).get("used")), count(entry(plan).get("available"))
            if used is not None and total is not None:
                return Quota(used, max(total - used, 0), moment(data.get("reset_date")))
        return None

    def _search(self, context: Context, domain: str) -> Iterator[dict[str, Any]]:
        """Yield the pages of the domain search, at least one."""
        for page in range(MAX_PAGES):
            params = {"domain": domain, "type": "personal", "limit": str(PAGE), "offset": str(page * PAGE)}
            try:
                answer = self._ask(context, "/domain-search", params)
                data = self._data(answer)
            except SourceError:
                if page:  # small plans end after the first
                    return
                raise
            yield data
            if len(listed(data.get("emails"))) < PAGE or context.stopped():
                return

    def _patiently(self, context: Context, path: str, params: Mapping[str, str], email: str = "") -> Answer:
        """Ask, and ask again while Hunter is still working on it."""
        answer = self._ask(context, path, params, email)
        for pause in PAUSES:
            if answer.status != _PENDING or context.stopped():
                break
            context.sleep(pause)
            answer = self._ask(context, path, params, email)
        return answer

    def _ask(self, context: Context, path: str, params: Mapping[str, str], email: str = "") -> Answer:
        """GET `path`. Raises SourceError for the statuses that mean something else at Hunter, Objected for 451."""
        answer = self._service.ask(context, path, params)
        if answer.status == _OBJECTED:
            raise Objected(email)
        if answer.status == 403:
            raise self._service.trouble(
                "rate_limited", "{title} is asked too fast (403); it is left alone for a while."
            )
        if answer.status == 429:
            raise self._service.trouble("quota", "{title} says that the requests of its plan are used up (429).")
        return answer

    def _data(self, answer: Answer) -> dict[str, Any]:
        if answer.status != 200:
            raise self._service.refusal(answer)
        data = entry(self._service.json(answer)).get("data")
        if not isinstance(data, dict):
            raise self._service.trouble("malformed", "{title} sent something other than it documents; try again later.")
        return data

    def _verification(
        self, email: str, data: dict[str, Any], pages: list[tuple[str, datetime]], now: datetime
    ) -> Check | None:
        """Return what the finder says of the mailbox that it found, with the day on which it was checked."""
        verification = entry(data.get("verification"))
        reason = _REASONS.get(text_of(verification.get("status")))
        if reason is None and flag(data.get("accept_all")):
            reason = "catch_all"
        if reason is None:
            return None
        at = past(verification.get("date"), now) or now
        url = pages[0][0] if pages else ""
        confidence = None if reason in _UNSCORED else share(data.get("score"))
        return said(self.name, self.title, email, reason, at, confidence=confidence, url=url)


def _reason(data: dict[str, Any]) -> str:
    reason = _REASONS.get(text_of(data.get("status"))) or _DEPRECATED.get(text_of(data.get("result")))
    if reason is None and flag(data.get("accept_all")):
        reason = "catch_all"
    if reason in (None, "unclear"):
        return "blocked" if flag(data.get("block")) else "unclear"
    return reason or "unclear"


def _pages(data: dict[str, Any], now: datetime) -> Iterator[tuple[str, datetime]]:
    """Yield the public pages that an address was seen on, and when last."""
    for source in listed(data.get("sources")):
        url = page_url(source.get("uri"))
        if url:
            seen = past(source.get("last_seen_on"), now) or past(source.get("extracted_on"), now)
            yield url, seen or now


def _known(data: dict[str, Any], now: datetime) -> Iterator[Known]:
    """Yield the people of a page of the domain search whose address was seen or checked, not merely guessed.

    One that was seen and takes no mail any more is left out: it says nothing against the pattern that it follows.
    """
    for item in listed(data.get("emails")):
        email = address(item.get("value"))
        first, last = text_of(item.get("first_name")), text_of(item.get("last_name"))
        if email is None or not first or not last or text_of(item.get("type")) == "generic":
            continue
        verification = entry(item.get("verification"))
        status = text_of(verification.get("status"))
        checked = past(verification.get("date"), now) or now
        seen = [at for _, at in _pages(item, now)]
        if status == "valid" or (seen and status != "invalid"):
            at = max([*seen, checked] if status == "valid" else seen)
            yield Known(f"{first} {last}", email, source="provider", at=at)
        elif status == "invalid" and not seen:
            yield Known(f"{first} {last}", email, source="provider", at=checked, right=False)


def _pattern(text: str) -> str:
    """Return the name of a pattern that Hunter writes as {f}{last}, "" for one that is not known."""
    name = text.replace("{", "").replace("}", "")
    return name if name in permutations.ALL else ""
