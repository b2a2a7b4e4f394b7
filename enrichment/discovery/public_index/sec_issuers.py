"""Under which number (CIK) does the SEC keep a brand? Found by name among the listed, and who filed Form D."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from enrichment.discovery.base import Brand, Context
from enrichment.discovery.public_index.registers import matching
from enrichment.discovery.public_index.registers.reading import short, within
from enrichment.discovery.public_index.sec_filings import FRESH
from enrichment.discovery.public_index.sec_service import KEEP, Edgar

MAX_LISTED = 30_000
MAX_PAGES = 3
MAX_HITS = 200  # of one page

_STATE = re.compile(r"\s*/[A-Z]{2,4}/?\s*$")  # "ACME CORP /DE/"
_DISPLAY = re.compile(r"(?P<name>.{0,149}?\S)\s*(?:\([A-Z0-9., -]{1,80}\)\s*)?\(CIK (?P<cik>[0-9]{1,10})\)\s*")
_NO_LETTER = re.compile(r"[^a-z0-9]+")
_COMMON_DOMAINS = frozenset({"us", "co", "io", "ai", "me", "tv", "cc", "so", "fm", "ly", "gg", "to", "sh", "vc"})


@dataclass(frozen=True, slots=True)
class _Listing:
    """All listed companies: the letters of their names, their names, their numbers."""

    fetched_at: datetime
    issuers: tuple[tuple[str, str, int], ...]


# The SEC's own list, for this process: it is a megabyte, changes once a day and is the same for every brand.
_KEPT: list[_Listing] = []


def may_be_american(brand: Brand) -> bool:
    """Whether nothing speaks against a brand of the United States: neither its region nor its domain's country."""
    if brand.region:
        return brand.region.strip().upper() in {"US", "USA"}
    ending = (brand.domain or "").rpartition(".")[2].lower()
    return len(ending) != 2 or ending in _COMMON_DOMAINS


def listed(edgar: Edgar, brand: Brand, context: Context) -> list[int]:
    """Return the number of the one listed company of exactly the brand's name; none when there are several.

    Raises SourceError.
    """
    start = "".join(matching.key(brand.name))
    if not start:
        return []
    issuers = _listing(edgar, context).issuers
    # Legal forms are taken off a few names only: it takes a second for all.
    found = {cik for letters, name, cik in issuers if letters.startswith(start) and is_namesake(name, brand)}
    return list(found) if len(found) == 1 else []


def filed_form_d(edgar: Edgar, brand: Brand, context: Context) -> list[int]:
    """Return the number of the one company of exactly the brand's name that filed Form D lately.

    Names of one word have namesakes among thousands of small companies: they are searched for only where the brand is
    known to be American. Raises SourceError.
    """
    if not brand.region and len(matching.key(brand.name)) < 2:
        return []
    found: set[int] = set()
    for hit in _hits(edgar, brand, context):
        names = within(hit, "_source", "display_names")
        for text in names[:20] if isinstance(names, list) else ():
            match = _DISPLAY.fullmatch(text[:300]) if isinstance(text, str) else None
            if match and is_namesake(match["name"], brand):
                found.add(int(match["cik"]))
    return list(found) if len(found) == 1 else []


def is_namesake(name: str, brand: Brand) -> bool:
    """Whether a filer's name is the brand's but for legal form, state and spaces."""
    return matching.is_namesake(_STATE.sub("", name), brand)


def _listing(edgar: Edgar, context: Context) -> _Listing:
    for kept in _KEPT if edgar.is_public else ():
        if timedelta(0) <= context.now() - kept.fetched_at < KEEP:
            return kept
    answer = edgar.listed(context)
    if not isinstance(answer, dict):
        raise edgar.malformed()
    listing = _Listing(context.now(), tuple(_issuers(answer)))
    if edgar.is_public:
        _KEPT[:] = [listing]
    return listing


def _issuers(answer: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    for row in list(answer.values())[:MAX_LISTED]:
        name, cik = short(within(row, "title")), number(within(row, "cik_str"))
        if name and cik:
            yield _NO_LETTER.sub("", name.lower().replace("&", "")), name, cik


def number(value: Any) -> int:
    """Return a CIK, sent as a number or as digits; 0 for anything else."""
    text = str(value) if isinstance(value, int | str) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,10}", text) else 0


def _hits(edgar: Edgar, brand: Brand, context: Context) -> Iterator[Any]:
    today = context.now().date()
    quoted = " ".join(re.sub(r'["\\]', " ", brand.name[:120]).split())
    params = {"q": f'"{quoted}"', "forms": "D", "startdt": (today - FRESH).isoformat(), "enddt": today.isoformat()}
    start = 0
    for _ in range(MAX_PAGES):
        answer = edgar.search({**params, "from": str(start)}, context)
        hits, total = within(answer, "hits", "hits"), within(answer, "hits", "total", "value")
        if not isinstance(hits, list):
            raise edgar.malformed()
        yield from hits[:MAX_HITS]
        start += len(hits)
        if not hits or not isinstance(total, int) or start >= total or context.stopped():
            return
