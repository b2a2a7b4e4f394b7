"""Snov.io (API v2): addresses by name and domain, checks of mailboxes, people of a domain.

Every question is a task: it is started with a POST and its result asked for until it is there. A task has no state for
failure, so patience has an end of its own. The token that goes with every request lasts for an hour.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import Answer, Service, listed, text_of
from enrichment.emails.checks import Check
from enrichment.emails.patterns import Known
from enrichment.emails.providers.base import (
    DOMAIN,
    FIND,
    LATE,
    VERIFY,
    DomainFindings,
    Found,
    Provider,
    Quota,
    StillWorking,
)
from enrichment.emails.providers.reading import address, count, entry, flag, number, page_url
from enrichment.emails.providers.sayings import said

BASE_URL = "https://api.snov.io"
TIMEOUT = 15.0  # seconds for one request
PAUSES = (1.0, 1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0, 5.0)  # seconds before each look whether the task is done
MARGIN = timedelta(minutes=1)  # a token this close to its end is not used any more
MAX_PEOPLE = 5  # each costs a credit

_UNKNOWN = {
    "catchall": "catch_all",
    "banned": "blocked",
    "connection_error": "unreachable",
    "greylist": "greylisted",
    "hidden_by_owner": "directory_hidden",
}
_TOKEN = re.compile(r"[\x21-\x7e]+")
_HASH = re.compile(r"[\w.=-]{1,200}", re.ASCII)


class Snov(Provider):
    """See the module. `client_id` and `client_secret`: as issued by Snov; neither goes into a URL."""

    name = "snov"
    title = "Snov.io"
    can = frozenset({FIND, VERIFY, DOMAIN})
    costs = {DOMAIN: 1 + MAX_PEOPLE}

    def __init__(self, *, client_id: str, client_secret: str, base_url: str = BASE_URL) -> None:
        self._credentials = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._service = Service(self.name, self.title, base_url, timeout=TIMEOUT, parallel=True)
        self._token = ""
        self._expires = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def find(self, context: Context, first: str, last: str, domain: str) -> Found | None:
        rows = {"rows": [{"first_name": first, "last_name": last, "domain": domain}]}
        task = self._start(context, "/v2/emails-by-domain-by-name/start", json=rows)
        done = self._done(context, "/v2/emails-by-domain-by-name/result", {"task_hash": task})
        now = context.now()
        results = [result for row in listed(done.get("data")) for result in listed(row.get("result"))]
        found = [(email, result) for result in results if (email := address(result.get("email")))]
        if not found:
            return None
        email, result = min(found, key=lambda pair: text_of(pair[1].get("smtp_status")) != "valid")
        check = said(self.name, self.title, email, _reason(result), now)
        return Found(email=email, by=self.name, confidence=None, evidence=(), check=check, at=now)

    def verify(self, context: Context, email: str) -> Check:
        task = self._start(context, "/v2/email-verification/start", json={"emails": [email]})
        try:
            done = self._done(context, "/v2/email-verification/result", {"task_hash": task})
        except StillWorking:
            return said(self.name, self.title, email, "still_checking", context.now())
        for item in listed(done.get("data")):
            if address(item.get("email")) in (email, None):  # the only one asked about
                return said(self.name, self.title, email, _reason(entry(item.get("result"))), context.now())
        return said(self.name, self.title, email, "unclear", context.now())

    def domain(self, context: Context, domain: str) -> DomainFindings:
        path = f"/v2/domain-search/prospects/start?domain={quote(domain)}&page=1"
        people = listed(self._task(context, path, "/v2/domain-search/prospects/result").get("data"))
        named = [person for person in people if _name(person) and _search(person)][:MAX_PEOPLE]
        known: list[Known] = []
        for place, person in enumerate(named):
            try:
                known += self._address_of(context, person)
            except SourceError:
                if known:  # what was paid for is not thrown away
                    return DomainFindings(known=tuple(known), requests=2 + place)
                raise
        return DomainFindings(known=tuple(known), requests=1 + len(named))

    def quota(self, context: Context) -> Quota | None:
        answer = self._ask(context, lambda headers: self._service.ask(context, "/v1/get-balance", headers=headers))
        balance = entry(answer.get("data")) or answer
        left, days = count(balance.get("balance")), number(balance.get("limit_resets_in"))
        if left is None:
            return None
        resets = context.now() + timedelta(days=days) if days is not None and days < 400 else None
        return Quota(None, left, resets)

    def _address_of(self, context: Context, person: Mapping[str, Any]) -> Iterator[Known]:
        """Yield the person with an address that the provider found to take mail."""
        base = "/v2/domain-search/prospects/search-emails"
        done = entry(self._task(context, f"{base}/start/{_search(person)}", f"{base}/result").get("data"))
        for item in listed(done.get("emails")):
            email = address(item.get("email"))
            if email and text_of(item.get("smtp_status")) == "valid":
                yield Known(_name(person), email, source="provider", at=context.now())
                return

    def _task(self, context: Context, start: str, result: str) -> dict[str, Any]:
        """Start a task whose hash is part of its result's path, and return the result."""
        return self._done(context, f"{result}/{self._start(context, start)}", {})

    def _start(self, context: Context, path: str, json: Any = None) -> str:
        """Start a task and return its hash, wherever it stands."""
        begun = self._ask(context, lambda headers: self._service.submit(context, path, json=json, headers=headers))
        # A link to the result is not followed: it would get the token, wherever it leads.
        places = (
            entry(begun.get("data")).get("task_hash"),
            entry(begun.get("meta")).get("task_hash"),
            begun.get("task_hash"),
            _last_step(entry(begun.get("links")).get("result")),
        )
        found = next((place for place in places if isinstance(place, str) and _HASH.fullmatch(place)), None)
        if found is None:
            raise self._service.trouble("malformed", "{title} started a task without saying which; try again later.")
        return found

    def _done(self, context: Context, path: str, params: Mapping[str, str]) -> dict[str, Any]:
        """Return the result of a task when it is there. Raises SourceError, StillWorking after some time."""
        for pause in PAUSES:
            if context.stopped():
                break
            context.sleep(pause)
            result = self._ask(context, lambda headers: self._service.ask(context, path, params, headers=headers))
            status = text_of(result.get("status"))
            if status == "completed":
                return result
            if not status:
                raise self._service.trouble("malformed", "{title} did not say how far its task is; try again later.")
        raise StillWorking(self._service.trouble("timeout", LATE).diagnostic)

    def _ask(self, context: Context, send: Callable[[Mapping[str, str]], Answer]) -> dict[str, Any]:
        """Return the object that `send` brings, sent with a token. Raises SourceError."""
        answer = send(self._authorisation(context))
        if answer.status == 401:  # the token may have been taken back before its time
            self._expires = datetime.min.replace(tzinfo=UTC)
            answer = send(self._authorisation(context))
        if answer.status not in (200, 201, 202):
            raise self._service.refusal(answer)
        value = self._service.json(answer)
        if not isinstance(value, dict):
            raise self._service.trouble("malformed", "{title} sent something other than it documents; try again later.")
        refused = value.get("success") is False
        words = f"{value.get('errors')} {value.get('message')}".lower() if refused else ""
        if text_of(value.get("status")) == "not_enough_credits" or "credit" in words:
            raise self._service.trouble("quota", "{title} says that its credits are used up.")
        if refused:
            raise self._service.trouble("http_status", "{title} did not do what it was asked.")
        return value

    def _authorisation(self, context: Context) -> Mapping[str, str]:
        with self._lock:
            if context.now() >= self._expires:
                asked = context.now()
                answer = self._service.submit(context, "/v1/oauth/access_token", form=self._credentials)
                if answer.status == 400:
                    raise self._service.trouble(
                        "bad_key", "{title} does not know this client: check its id and secret."
                    )
                if answer.status != 200:
                    raise self._service.refusal(answer)
                granted = entry(self._service.json(answer))
                self._token = text_of(granted.get("access_token"))
                if not _TOKEN.fullmatch(self._token):
                    raise self._service.trouble("malformed", "{title} gave no token; try again later.")
                lasts = min(number(granted.get("expires_in")) or 0.0, 86_400.0)
                self._expires = asked + timedelta(seconds=lasts) - MARGIN
            return {"Authorization": f"Bearer {self._token}"}


def _reason(result: Mapping[str, Any]) -> str:
    """Return the reason that the result of a check stands for."""
    status = text_of(result.get("smtp_status"))
    if status == "not_valid":
        return "malformed" if flag(result.get("is_valid_format")) is False else "invalid"
    if status == "unknown":
        return _UNKNOWN.get(text_of(result.get("unknown_status_reason")), "unclear")
    return "valid" if status == "valid" else "unclear"


def _name(person: Mapping[str, Any]) -> str:
    """Return the full name, "" where a part of it is missing."""
    first, last = text_of(person.get("first_name")), text_of(person.get("last_name"))
    return f"{first} {last}" if first and last else ""


def _search(person: Mapping[str, Any]) -> str:
    """Return the hash under which the person's address is searched for, "" for none."""
    step = _last_step(person.get("search_emails_start"))
    return step if _HASH.fullmatch(step) else ""


def _last_step(url: Any) -> str:
    return urlsplit(page_url(url)).path.rpartition("/")[2]
