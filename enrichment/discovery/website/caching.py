"""Pages kept between runs, so that a page that has not changed is not sent again (RFC 9111, RFC 9110 section 13).

Only HTML pages of the site itself that came with a validator are kept, up to MAX_BYTES and MAX_PAGES; nothing that
says `no-store`. A page is used without asking for as long as `Cache-Control: max-age` allows, at most LONGEST.
robots.txt is asked for in every run (RFC 9309 section 2.4 allows a day), and decides about kept pages too.
"""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from core.http import Response
from enrichment.discovery.answers import Kept
from enrichment.discovery.base import Context
from enrichment.discovery.website.links import site_of

MAX_BYTES = 300_000
MAX_PAGES = 30
LONGEST = timedelta(days=1)
HTML = ("text/html", "application/xhtml+xml")

_ETAG = re.compile(r"[\x21-\x7e]{1,200}")
_DATE = re.compile(r"[A-Za-z0-9,: +-]{10,40}")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,9})", re.IGNORECASE)


@dataclass(slots=True)
class PageCache:
    """The kept pages of one run; threads may share it."""

    context: Context
    _put: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fresh(self, url: str) -> Response | None:
        """Return the kept page where the site said that it need not be asked for again yet."""
        kept = self._kept(url)
        if kept is None:
            return None
        lifetime = min(timedelta(seconds=kept.max_age), LONGEST)
        return _response(kept) if kept.is_fresh(lifetime, self.context.now()) else None

    def validators(self, url: str) -> dict[str, str]:
        """Return the headers that make a request for `url` conditional; none where nothing is kept."""
        kept = self._kept(url)
        pairs = (("If-None-Match", kept.etag), ("If-Modified-Since", kept.last_modified)) if kept else ()
        return {name: value for name, value in pairs if value}

    def confirmed(self, url: str, answer: Response) -> Response | None:
        """Return the kept page that a 304 speaks of; None when it speaks of another, or nothing is kept."""
        kept = self._kept(url)
        if kept is None or kept.url != answer.url:
            return None
        page = _response(kept)
        headers = {"etag": kept.etag, "last-modified": kept.last_modified}
        headers |= {name.lower(): value for name, value in answer.headers.items()}
        headers.setdefault("cache-control", f"max-age={kept.max_age}")
        self.keep(url, replace(page, headers=headers))
        return page

    def keep(self, url: str, response: Response) -> None:
        """Keep the page that `url` led to, if it may be; forget what was kept where it may not, or is no more."""
        key = _key(url)
        kept = _kept(key, response, self.context.now()) if site_of(response.url) == site_of(url) else None
        with self._lock:
            if kept is not None and (key in self._put or len(self._put) < MAX_PAGES):
                self._put.add(key)
                self.context.answers.put(kept)
            elif response.status in (200, 404, 410) and self._kept(url) is not None:
                self.context.answers.put(Kept(key, self.context.now(), b""))

    def _kept(self, url: str) -> Kept | None:
        kept = self.context.answers.get(_key(url))
        return kept if kept and kept.status == 200 and kept.content and kept.url else None


def _key(url: str) -> str:
    return f"website {url.partition('#')[0]}"


def _kept(key: str, response: Response, now: datetime) -> Kept | None:
    """Return what is to be kept of a page, None when it may not be."""
    headers: Mapping[str, str] = response.headers
    control = headers.get("cache-control", "")[:500].lower()
    etag, modified = headers.get("etag", "").strip(), headers.get("last-modified", "").strip()
    etag = etag if _ETAG.fullmatch(etag) else ""
    modified = modified if _DATE.fullmatch(modified) else ""
    is_page = response.status == 200 and response.media_type in HTML and 0 < len(response.content) <= MAX_BYTES
    if not is_page or not (etag or modified) or "no-store" in control or headers.get("vary", "").strip() == "*":
        return None
    return Kept(
        key,
        now,
        response.content,
        url=response.url,
        media_type=response.media_type,
        charset=response.charset,
        etag=etag,
        last_modified=modified,
        max_age=_seconds_fresh(control, headers.get("age", "")),
    )


def _seconds_fresh(control: str, age: str) -> int:
    if "no-cache" in control:
        return 0
    longest = int(LONGEST.total_seconds())
    stated = _MAX_AGE.search(control)
    seconds = int(stated[1]) if stated else longest if "immutable" in control else 0
    spent = int(age) if re.fullmatch(r"[0-9]{1,9}", age.strip()) else 0  # in the caches on the way
    return min(max(seconds - spent, 0), longest)


def _response(kept: Kept) -> Response:
    return Response(kept.url, 200, {}, kept.content, kept.media_type, kept.charset)
