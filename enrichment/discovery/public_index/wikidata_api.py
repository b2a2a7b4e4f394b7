"""Wikidata's Action API: calls with format=json, whose errors come with status 200 (mediawiki.org, API:Etiquette)."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.service import Answer, Service, parse_json, text_of

BASE_URL = "https://www.wikidata.org"
PATH = "/w/api.php"
KEEP = timedelta(days=1)
MAX_IDS = 50  # of one call
LANGUAGES = ("en", "mul")
CONTACT = re.compile(r"https?://|[^\s@]+@[^\s@]+\.[^\s@]+")
BUSY = frozenset({"maxlag", "readonly", "ratelimited"})
# What is read of an entity; the rest, dates of birth among it, is thrown away before anything is kept.
OFFICES = {
    "P169": "Chief Executive Officer",
    "P488": "Chairperson",
    "P3320": "Board Member",
    "P1037": "Director",
    "P1789": "Chief Operating Officer",
    "P2828": "Corporate Officer",
    "P112": "Founder",
}
COMPANY = (
    "P856",
    "P4264",
    "P452",
    "P749",
    "P355",
    "P1128",
    "P1454",
    "P576",
    "P2622",
    "P1616",
    "P2333",
    "P4156",
    "P5531",
)
PERSON = ("P31", "P570", "P6634")
USED = frozenset({*OFFICES, *COMPANY, *PERSON})


class Api:
    """How to ask. `user_agent`: as the client sends it; `fetched_at`: when the last answer was fetched."""

    def __init__(self, *, base_url: str, user_agent: str) -> None:
        self.service = Service("wikidata", "Wikidata", base_url)
        self.fetched_at: datetime | None = None
        self._needs_contact = base_url.rstrip("/") == BASE_URL and not CONTACT.search(user_agent)

    def call(self, params: Mapping[str, str], context: Context) -> dict[str, Any]:
        """Return what a call brings. Raises SourceError (also no_contact, before anything is sent)."""
        if self._needs_contact:
            raise self.service.trouble(
                "no_contact",
                "{title} was not asked: it wants to know whom to write to. Put a page or an e-mail address into "
                "ENRICHMENT_USER_AGENT.",
            )
        asked = {**params, "format": "json", "formatversion": "2" if params["action"] == "query" else "1"}
        key = f"{self.service.name} {self.service.url(PATH, asked)}"
        kept = context.answers.get(key)
        if kept and kept.is_fresh(KEEP, context.now()):
            self.fetched_at = kept.fetched_at
            known = parse_json(kept.content)
            return known if isinstance(known, dict) else {}
        answer = self.service.ask(context, PATH, asked)
        if answer.status == 403:
            raise self.service.trouble(
                "blocked", "{title} turned the request away (403): check that ENRICHMENT_USER_AGENT names a contact."
            )
        if answer.status != 200:
            raise self.service.refusal(answer)
        body, self.fetched_at = _reduced(self._body(answer)), answer.fetched_at
        context.answers.put(Kept(key, answer.fetched_at, json.dumps(body).encode()))
        return body

    def entities(self, keys: Iterable[str], context: Context) -> dict[str, Any]:
        """Return the entities with these ids, by id, a merged one by its old id too. Raises SourceError."""
        found: dict[str, Any] = {}
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), MAX_IDS):
            if context.stopped():
                break
            some = wanted[start : start + MAX_IDS]
            params = {
                "action": "wbgetentities",
                "ids": "|".join(some),
                "props": "labels|claims",
                "languages": "|".join(LANGUAGES),
                "languagefallback": "1",
            }
            found |= dict(_by_id(self.call(params, context).get("entities")))
        return found

    def page(self, key: str) -> str:
        """Return where people read about an item."""
        return self.service.url(f"/wiki/{key}")

    def _body(self, answer: Answer) -> dict[str, Any]:
        body = self.service.json(answer)
        if not isinstance(body, dict):
            raise self._malformed()
        error = body.get("error")
        if isinstance(error, dict):
            code = text_of(error.get("code"))[:40]
            kind = "unavailable" if code in BUSY else "http_status"
            raise self.service.trouble(kind, "{title} answered with the error {error}; try again later.", error=code)
        if error is not None:
            raise self._malformed()
        return body

    def _malformed(self) -> SourceError:
        return self.service.trouble("malformed", "{title} sent JSON of another form than it documents.")


def _reduced(body: dict[str, Any]) -> dict[str, Any]:
    """Return a reply with nothing in its entities but what is used."""
    entities = body.get("entities")
    if not isinstance(entities, dict):
        return body
    return {"entities": {key: _reduced_entity(one) for key, one in entities.items() if isinstance(one, dict)}}


def _reduced_entity(entity: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: entity[name] for name in ("id", "labels", "missing", "redirects") if name in entity}
    claims = entity.get("claims")
    used = {name: claim for name, claim in claims.items() if name in USED} if isinstance(claims, dict) else {}
    return {**kept, "claims": used}


def _by_id(entities: Any) -> Iterator[tuple[str, Any]]:
    for key, entity in entities.items() if isinstance(entities, dict) else ():
        yield key, entity
        if isinstance(entity, dict):
            redirects = entity.get("redirects")
            for name in (entity.get("id"), redirects.get("from") if isinstance(redirects, dict) else None):
                if text_of(name):
                    yield text_of(name), entity
