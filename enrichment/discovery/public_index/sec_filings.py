"""What a filer has filed with the SEC: data.sec.gov's entry of it, and which of the filings are worth reading."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from core.domains import registrable_domain
from enrichment.discovery.base import Context
from enrichment.discovery.public_index.registers.reading import short, within
from enrichment.discovery.public_index.sec_service import Edgar
from enrichment.discovery.service import listed

FRESH = timedelta(days=548)  # 18 months: what is older says little about today
MAX_ROWS = 2_000
MAX_OWNERSHIP = 12
NEWEST = 4

_OWNERSHIP = frozenset({"3", "4", "5", "3/A", "4/A", "5/A"})
_FORM_D = frozenset({"D", "D/A"})
_OFFICERS_CHANGED = "5.02"  # Form 8-K: departure or election of directors or certain officers
_ACCESSION = re.compile(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")
_DOCUMENT = re.compile(r"(?P<rendered>xsl[\w-]{1,30}/)?(?P<file>[\w-][\w.-]{0,100}\.xml)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Filing:
    """One filing. `filed`: "YYYY-MM-DD"; `items`: those of a Form 8-K; `document`: as the list names it."""

    form: str
    filed: str
    accession: str
    document: str
    items: tuple[str, ...] = ()

    @property
    def is_form_d(self) -> bool:
        return self.form in _FORM_D

    def paths(self, cik: int) -> tuple[str, str] | None:
        """Return the paths of the XML and of the page that people can read; None where there is no XML."""
        match = _DOCUMENT.fullmatch(self.document)
        folder = f"/Archives/edgar/data/{cik}/{self.accession.replace('-', '')}/"
        return (folder + match["file"], folder + self.document) if match else None


_ABBREVIATIONS = """
    AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA
    RI SC SD TN TX UT VT VA WA WV WI WY
"""
_STATES = frozenset(_ABBREVIATIONS.split())


@dataclass(frozen=True, slots=True)
class Issuer:
    """A company that files. `filings`: the newest first; `domains`: registrable ones of the website it states.

    `state`: that of its business address, where it lies in the United States.
    """

    cik: int
    name: str
    former_names: tuple[str, ...]
    domains: tuple[str, ...]
    industry: str
    filings: tuple[Filing, ...]
    fetched_at: datetime
    state: str = ""

    def to_read(self, today: date) -> list[Filing]:
        """Return the filings of the last 18 months that name people: Forms 3, 4 and 5, and the newest Form D."""
        fresh = [filing for filing in self.filings if (today - FRESH).isoformat() <= filing.filed <= today.isoformat()]
        form_d = [filing for filing in fresh if filing.is_form_d][:1]
        return _spread([filing for filing in fresh if filing.form in _OWNERSHIP]) + form_d

    def officers_changed(self) -> str:
        """Return the day of the newest Form 8-K that tells of a change of officers or directors, "" for none."""
        days = (filing.filed for filing in self.filings if _OFFICERS_CHANGED in filing.items)
        return max(days, default="")


def issuer(edgar: Edgar, cik: int, context: Context) -> Issuer | None:
    """Return the filer of that number, None for a number that nobody has. Raises SourceError."""
    found = edgar.submissions(cik, context)
    if found is None:
        return None
    entry, answer = found
    name = short(within(entry, "name"))
    if not name:
        raise edgar.malformed()
    return Issuer(
        cik=cik,
        name=name,
        former_names=tuple(filter(None, (short(item.get("name")) for item in listed(entry.get("formerNames"))[:20]))),
        domains=tuple(filter(None, (_domain(entry.get(key)) for key in ("website", "investorWebsite")))),
        industry=short(entry.get("sicDescription")),
        filings=tuple(sorted(_filings(within(entry, "filings", "recent")), key=_filed, reverse=True)),
        fetched_at=answer.fetched_at,
        state=_state(within(entry, "addresses", "business", "stateOrCountry")),
    )


def _state(value: Any) -> str:
    """Return a state of the United States, "" for the SEC's codes of other countries and of provinces."""
    text = short(value).upper()
    return text if text in _STATES else ""


def _filings(recent: Any) -> Iterator[Filing]:
    """Read the columns, which may be of unequal length and have holes."""
    columns = {
        key: within(recent, key) for key in ("form", "filingDate", "accessionNumber", "primaryDocument", "items")
    }
    lists = {key: column for key, column in columns.items() if isinstance(column, list)}
    for row in range(min(len(lists.get("accessionNumber", ())), MAX_ROWS)):
        cell = {key: short(column[row]) if row < len(column) else "" for key, column in lists.items()}
        accession, filed = cell["accessionNumber"], cell.get("filingDate", "")
        if _ACCESSION.fullmatch(accession) and _is_day(filed):
            items = tuple(item.strip() for item in cell.get("items", "").split(","))
            yield Filing(cell.get("form", ""), filed, accession, cell.get("primaryDocument", ""), items)


def _spread(filings: list[Filing]) -> list[Filing]:
    """Choose at most MAX_OWNERSHIP filings: the newest, then those of the days on which most was filed.

    Whose filing it is stands in the filing only. On the days when grants are made every officer files, else one does.
    """
    chosen, rest = filings[:NEWEST], filings[NEWEST:]
    busy = Counter(filing.filed for filing in rest)
    rest.sort(key=lambda filing: (busy[filing.filed], filing.filed), reverse=True)
    return sorted(chosen + rest[: MAX_OWNERSHIP - NEWEST], key=_filed, reverse=True)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _filed(filing: Filing) -> str:
    return filing.filed


def _domain(value: Any) -> str | None:
    text = short(value)
    try:
        host = urlsplit(text if "://" in text else f"https://{text}").hostname or ""
    except ValueError:
        return None
    return registrable_domain(host)
