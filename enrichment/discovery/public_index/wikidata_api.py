"""Wikidata's Action API: calls with format=json, whose errors come with status 200 (mediawiki.org, API:Etiquette)."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Context, SourceError
from enrichment.discovery.public_index.wikidata_statements import is_item
from enrichment.discovery.service import Answer, Service, listed, parse_json, text_of

BASE_URL = "https://www.wikidata.org"
PATH = "/w/api.php"
KEEP = timedelta(days=1)
MAX_IDS = 50  # of one call
MAX_BYTES = 25_000_000  # 50 people of whom much is known
MAX_LAG = "5"  # seconds that the servers may be behind; beyond, machines are to wait (API:Etiquette)
# In the order in which labels are taken: the scripts that most users read come first.
LANGUAGES = (
    "en", "mul", "de", "fr", "es", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "el",
    "ru", "uk", "ja", "zh", "ko",
)  # fmt: skip
# How the API's own error codes begin, and what they are here.
ERRORS = {
    "maxlag": "unavailable",
    "readonly": "unavailable",
    "internal_api_error": "unavailable",
    "ratelimited": "rate_limited",
}
CONTACT = re.compile(r"https?://|[^\s@]+@[^\s@]+\.[^\s@]+")
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


@dataclass(frozen=True, slots=True)
class Reply:
    """What is used of a reply. `ids`: the items that a search found; `entities`: those asked for, by id."""

    ids: tuple[str, ...]
    entities: Mapping[str, dict[str, Any]]
    fetched_at: datetime


class Api:
    """How to ask. `user_agent`: as the client sends it."""

    def __init__(self, *, base_url: str, user_agent: str) -> None:
        self.service = Service("wikidata", "Wikidata", base_url, max_bytes=MAX_BYTES)
        self._needs_contact = base_url.rstrip("/") == BASE_URL and not CONTACT.search(user_agent)

    def search(self, query: str, context: Context) -> tuple[str, ...]:
        """Return the ids of the items that a full-text search finds. Raises SourceError."""
        params = {"action": "query", "list": "search", "srnamespace": "0", "srlimit": "5", "formatversion": "2"}
        return self._call({**params, "srsearch": query}, context).ids

    def search_by_name(self, name: str, context: Context) -> tuple[str, ...]:
        """Return the ids of the items that have a name. Raises SourceError."""
        params = {"action": "wbsearchentities", "language": "en", "uselang": "en", "type": "item", "limit": "10"}
        return self._call({**params, "search": name}, context).ids

    def entities(self, keys: Iterable[str], context: Context) -> Reply:
        """Return the entities with these ids, a merged one by its old id too; fewer when `context.stopped()`.

        `fetched_at` is when the first of them were fetched. Raises SourceError.
        """
        found: dict[str, dict[str, Any]] = {}
        moments: list[datetime] = []
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), MAX_IDS):
            if context.stopped():
                break
            ids = "|".join(wanted[start : start + MAX_IDS])
            params = {"action": "wbgetentities", "ids": ids, "props": "labels|claims"}
            reply = self._call({**params, "languages": "|".join(LANGUAGES)}, context)
            found |= reply.entities
            moments.append(reply.fetched_at)
        return Reply((), found, min(moments, default=context.now()))

    def page(self, key: str) -> str:
        """Return where people read about an item."""
        return self.service.url(f"/wiki/{key}")

    def _call(self, params: Mapping[str, str], context: Context) -> Reply:
        """Return what a call brings, or brought within the last day."""
        if self._needs_contact:
            raise self.service.trouble(
                "no_contact",
                "{title} was not asked: it wants to know whom to write to. Put a page or an e-mail address into "
                "ENRICHMENT_USER_AGENT.",
            )
        asked = {**params, "format": "json", "maxlag": MAX_LAG}
        key = f"{self.service.name} {self.service.url(PATH, asked)}"
        kept = context.answers.get(key)
        if kept and kept.is_fresh(KEEP, context.now()):
            return _reply(parse_json(kept.content), kept.fetched_at)
        # The service itself would keep everything: errors, which come with status 200, and dates of birth.
        answer = self.service.ask(context, PATH, asked)
        if answer.status == 403:
            raise self.service.trouble(
                "blocked", "{title} turned the request away (403): check that ENRICHMENT_USER_AGENT names a contact."
            )
        if answer.status != 200:
            raise self.service.refusal(answer)
        used = _used(self._body(answer))
        if used is None:
            raise self._malformed()
        context.answers.put(Kept(key, answer.fetched_at, json.dumps(used).encode()))
        return _reply(used, answer.fetched_at)

    def _body(self, answer: Answer) -> dict[str, Any]:
        body = self.service.json(answer)
        error = body.get("error") if isinstance(body, dict) else None
        if isinstance(error, dict):
            code = text_of(error.get("code"))[:40]
            kind = next((kind for start, kind in ERRORS.items() if code.startswith(start)), "http_status")
            raise self.service.trouble(kind, "{title} answered with the error {error}; try again later.", error=code)
        if not isinstance(body, dict) or error is not None:
            raise self._malformed()
        return body

    def _malformed(self) -> SourceError:
        return self.service.trouble("malformed", "{title} sent JSON of another form than it documents.")


def _used(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return a reply with nothing in it but what is used, None for one that is neither hits nor entities.

    Of hits only the ids: descriptions tell years of birth.
    """
    entities, query = body.get("entities"), body.get("query")
    hits = query.get("search") if isinstance(query, dict) else body.get("search")
    if isinstance(entities, dict):
        return {"ids": [], "entities": {key: _of(one) for key, one in entities.items() if isinstance(one, dict)}}
    if isinstance(hits, list):
        # In the main namespace a hit's title is its id.
        ids = (text_of(hit.get("id")) or text_of(hit.get("title")) for hit in listed(hits))
        return {"ids": [key for key in ids if is_item(key)], "entities": {}}
    return None


def _of(entity: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {name: entity[name] for name in ("id", "labels", "missing", "redirects") if name in entity}
    claims = entity.get("claims")
    used = {name: claim for name, claim in claims.items() if name in USED} if isinstance(claims, dict) else {}
    return {**kept, "claims": used}


def _reply(used: Any, fetched_at: datetime) -> Reply:
    """Return what was kept, with every entity under each id: asked for, its own, merged from."""
    found: dict[str, dict[str, Any]] = {}
    for key, entity in used["entities"].items():
        redirects = entity.get("redirects")
        merged = redirects.get("from") if isinstance(redirects, dict) else None
        own = text_of(entity.get("id"))
        for name in (key, own, text_of(merged)):
            if is_item(name) and "missing" not in entity:
                found[name] = {**entity, "id": own if is_item(own) else key}
    return Reply(tuple(used["ids"]), found, fetched_at)
