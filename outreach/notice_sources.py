"""Where we have a person's data from, each source by itself (GDPR art. 14(2)(f))."""

import re
from collections.abc import Mapping
from datetime import date
from urllib.parse import quote, urlsplit

from core.hosts import host_name
from crm.models import Contact, ContactAddress

from .rendering import one_line

Origin = ContactAddress.Origin
BY_HAND = "manual"  # the source of evidence that somebody entered
FIRST = 3  # pages that the first message names, the newest; its link leads to the others
LONGEST_URL = 200  # of a longer one the site is named
LONGEST_NAME = 60
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def sources(contact: Contact, origin: str, words: Mapping[str, str], most: int | None = None) -> list[str]:
    """Return every source: pages with the day on which each was seen last, providers by name, how the address came.

    `origin` is that of the address (a ContactAddress.Origin, "" without one), `words` a language of footers.toml. Of
    more than `most` pages the newest are named, and the others counted. No query.
    """
    pages: dict[str, str] = {}
    named: dict[str, None] = {}
    for entry in contact.evidence:
        url, source = one_line(str(entry.get("url") or "")), one_line(str(entry.get("source") or ""))
        if is_page(url):
            url = shown(url)
            pages[url] = max(pages.get(url, ""), _day(entry.get("seenAt")))
        elif source == BY_HAND:
            named[words["records"]] = None
        elif source:
            named[f"{words['provider']} ({provider_name(source)})"] = None
    named_pages = list(pages.items())
    if most is not None and len(named_pages) > most:
        newest = sorted(named_pages, key=lambda page: page[1], reverse=True)
        named_pages = newest[:most]
    found = [f"{url} ({day})" if day else url for url, day in named_pages]
    if left_out := len(pages) - len(named_pages):
        found.append(words["more" if left_out > 1 else "one_more"].format(count=left_out))
    found += named
    how = {Origin.GUESSED.value: words["guessed"], Origin.MANUAL.value: words["records"]}.get(origin, "")
    if origin == Origin.PROVIDER and not providers(contact):
        how = words["provider"]
    return list(dict.fromkeys([*found, *filter(None, [how])])) or [words["public"]]


def providers(contact: Contact) -> list[str]:
    """Return the names of the providers of data from whom we have something of the contact."""
    names = (
        provider_name(source)
        for entry in contact.evidence
        if (source := one_line(str(entry.get("source") or ""))) not in {"", BY_HAND}
        and not is_page(str(entry.get("url") or ""))
    )
    return list(dict.fromkeys(names))


def provider_name(source: str) -> str:
    """Return a provider's name as people write it: “hunter” is “Hunter”."""
    return source[:LONGEST_NAME].replace("_", " ").capitalize()


def shown(url: str) -> str:
    """Return a page's address as one can write it to anybody: ASCII, without a name before the host or a fragment.

    It was read on somebody's page: it must not look like another one's, nor fill the message.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        host = host_name(host)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        host, port = quote(host), ""
    site = f"{parts.scheme}://{host}{port}"
    path = quote(parts.path, safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    return next((whole for whole in (site + path + query, site + path) if len(whole) <= LONGEST_URL), f"{site}/…")


def is_page(url: str) -> bool:
    """Return whether something is the address of a page on the web."""
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:  # a broken address in brackets
        return False


def _day(told: object) -> str:
    """Return the day of a moment in ISO 8601; empty for what is none."""
    day = str(told or "")[:10]
    try:
        return date.fromisoformat(day).isoformat() if _DAY.fullmatch(day) else ""
    except ValueError:
        return ""
