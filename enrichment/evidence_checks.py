"""Looking whether a claim still stands on the page where it was read: the page is fetched again, as discovery does.

Never raises for what a site does: what cannot be told is None.
"""

import re
import uuid
from contextlib import closing
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import structlog
from anyascii import anyascii
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from core import audit, http
from core.fields import normalise_email
from core.refusals import InputError
from enrichment.discovery.base import Context, Limits
from enrichment.discovery.website import addresses, lines, pages, people, profiles, robots, script_pages
from enrichment.discovery.website.fetching import Fetcher, may_be_read
from enrichment.models import EnrichedContact

SECONDS = 10.0  # for robots.txt and the page together
NEAR = 300  # characters between a name and what is said of it; a snippet is no longer (discovery/base.py)
SURE = 8  # letters and digits that hardly come together by chance across words
MOST = 200  # places of a phrase that are looked at

_NO_WORD = re.compile(r"[^a-z0-9]+")

Entry = dict[str, Any]

log = structlog.get_logger(__name__)


def check(contact_id: uuid.UUID, index: int, user: User | None) -> bool | None:
    """Return whether the contact's evidence entry `index` still stands on its page, and note it in the entry.

    True: it does. False: the page is there without it, or is gone (404, 410). None: could not tell, since the page
    could not be had or read. Takes about SECONDS at most. Raises InputError for evidence without a page that may be
    read and for an entry that is not there, and EnrichedContact.DoesNotExist.
    """
    contact = EnrichedContact.objects.get(pk=contact_id)
    entry = _entry(contact, index)
    still_there = _look(entry, [str(contact), *_names(contact, entry)])
    _note(contact_id, entry, still_there, user)
    log.debug("evidence checked", still_there=still_there, by=user.pk if user else None)
    return still_there


def _entry(contact: EnrichedContact, index: int) -> Entry:
    if not 0 <= index < len(contact.evidence):
        raise InputError("not_found", "This piece of evidence is not there any more: load the page again.")
    entry: Entry = contact.evidence[index]
    if not _is_page(entry["url"]):
        raise InputError("no_page", "This evidence has no page to look at: somebody entered it, or a provider gave it.")
    if not may_be_read(entry["url"]):
        raise InputError("never_read", "Pages of LinkedIn are never fetched: open the link to look at it yourself.")
    return entry


def _is_page(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _names(contact: EnrichedContact, entry: Entry) -> list[str]:
    """Return under which names the same page showed the person."""
    return [other["value"] for other in contact.evidence if other["field"] == "name" and other["url"] == entry["url"]]


@transaction.atomic
def _note(contact_id: uuid.UUID, checked: Entry, still_there: bool | None, user: User | None) -> None:
    """Write the answer into the entry, wherever it stands by now."""
    contact = EnrichedContact.objects.select_for_update(of=("self",)).get(pk=contact_id)
    answer = {"checkedAt": timezone.now().isoformat().replace("+00:00", "Z"), "stillThere": still_there}
    contact.evidence = [entry | answer if _claim(entry) == _claim(checked) else entry for entry in contact.evidence]
    contact.save(update_fields=["evidence", "updated_at"])
    what = {"field": checked["field"], "still_there": still_there}
    audit.record("evidence.checked", of=contact, subject=audit.person(contact), actor=user, **what)


def _claim(entry: Entry) -> tuple[str, ...]:
    return tuple(entry[name] for name in ("field", "value", "url", "source"))


def _look(entry: Entry, names: list[str]) -> bool | None:
    config = http.config_from_settings()
    with closing(http.from_settings()) as client:
        context = Context(client, Limits(max_pages=1, max_seconds=SECONDS))
        fetched = Fetcher(context, robots.product_token(config.user_agent)).fetch(entry["url"])
    if fetched.gone:
        return False
    if fetched.response is None or fetched.response.status != HTTPStatus.OK:
        return None
    content = fetched.response.content
    page = pages.parse(content, fetched.response.charset, fetched.response.url)
    outline, extraction = lines.outline(page), people.extract(page)
    if _is_extracted(extraction, entry, names):
        return True
    found = _is_written(page, outline, entry, names)
    unread = extraction.cut or outline.work.cut or len(content) > pages.MAX_BYTES or script_pages.is_shell(page)
    return None if found is False and unread else found


def _is_extracted(extraction: people.Extraction, entry: Entry, names: list[str]) -> bool:
    """Return whether discovery reads the same claim about the same person off the page."""
    wanted = {_words(name) for name in names}
    return any(
        item.field == entry["field"] and _folded(item.value) == _folded(entry["value"])
        for person in extraction.people
        if _words(person.name) in wanted
        for item in person.evidence
    )


def _is_written(page: pages.Page, outline: lines.Outline, entry: Entry, names: list[str]) -> bool | None:
    """Return whether the page makes the claim; None where it has the words, but far from the person's name."""
    field, value, snippet = entry["field"], entry["value"], _folded(entry["snippet"])
    plain = " ".join([page.title, *(line.text for line in outline.lines)])
    if field == "email":
        address = normalise_email(value)
        return address in {found.address for found in addresses.find(outline)} or address in plain.lower()
    if field == "linkedin":
        profile = profiles.parse(value)
        return profile is not None and any(found.profile.slug == profile.slug for found in profiles.find(outline))
    text = _folded(plain)
    people_at = [place for name in names for order in _orders(name) for place in _places(text, order)]
    if field == "name":
        return bool(people_at) or any(_has(text, order) for order in _orders(value))
    names_person = any(_has(snippet, order) for name in names for order in _orders(name))
    if names_person and _has(snippet, value) and _has(text, snippet):
        return True
    places = _places(text, value)
    if not places or not people_at:
        return False
    return any(abs(one - other) <= NEAR for one in places for other in people_at) or None


def _folded(text: str) -> str:
    """Return a text as lower-case ASCII words, a space before and after each."""
    return f" {_NO_WORD.sub(' ', (text if text.isascii() else anyascii(text)).casefold()).strip()} "


def _words(name: str) -> tuple[str, ...]:
    return tuple(sorted(_folded(name).split()))


def _orders(name: str) -> list[str]:
    """Return a name as written, and with the last word first or the first one last: "Example, Ada"."""
    words = name.split()
    return [" ".join(order) for order in (words, words[-1:] + words[:-1], words[1:] + words[:1])]


def _places(text: str, phrase: str) -> list[int]:
    """Return where whole words stand in a folded text; of a script without spaces parts of words too."""
    folded = _folded(phrase) if phrase.isascii() else _folded(phrase).strip()
    return [match.start() for match in islice(re.finditer(re.escape(folded), text), MOST)] if folded.strip() else []


def _has(text: str, phrase: str) -> bool:
    """Return whether a folded text has a phrase, whatever the spaces in it."""
    squeezed = _folded(phrase).replace(" ", "")
    return bool(_places(text, phrase)) or (len(squeezed) >= SURE and squeezed in text.replace(" ", ""))
