"""Who got a post at a brand, and who gave one up, in the words of a press release or its headline.

Only the brand's own news counts: "Beta Ltd appoints Jane Doe" says nothing about Acme, nor does "joins Beta".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from enrichment.discovery.base import Brand
from enrichment.discovery.public_index import appointment_words as phrases
from enrichment.discovery.public_index.appointment_phrases import (
    Found,
    is_own_sentence,
    is_own_subject,
    is_plain,
    is_title,
    name_at_end,
    name_at_start,
    names_another,
    title_at_start,
)
from enrichment.discovery.search_engines.companies import Company, company_of
from enrichment.discovery.website import role_text, sentences

JOINED: Literal["joined"] = "joined"
LEFT: Literal["left"] = "left"
MAX_TEXT = 10_000
MAX_SENTENCE = 600
MAX_SENTENCES = 100
MAX_SNIPPET = 300
MAX_TOGETHER = 5  # people of one sentence: "Jane Doe as CFO and John Roe as COO"

_SENTENCE = re.compile(
    r"(?<!\bDr)(?<!\bSr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bJr)(?<!\bProf)(?<!\bInc)(?<!\bLtd)(?<!\bCo)(?<!\bCorp)"
    r"(?<!\b[A-Z])(?<!\b[0-9])(?<!\b[0-9][0-9])[.!?]\s+(?=[^\Wa-z])|\n+"
)
_AFTER_ASIDE = re.compile(rf"\s*[,(].{{0,160}}?[,)]{phrases.LINK.pattern}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Change:
    """`name` got (`joined`) or gave up (`left`) a post at the brand.

    `title`: as worded; of those who left it may be "". `sentence`: where it is said, at most 300 characters.
    """

    name: str
    title: str
    kind: Literal["joined", "left"]
    sentence: str


def read(text: str, brand_name: str) -> list[Change]:
    """Return the changes at the brand of which `text`, the brand's own, tells; each person and kind once.

    Reads the first 10 000 characters. Never raises.
    """
    company = company_of(Brand(brand_name))
    found: dict[tuple[str, str], Change] = {}
    for sentence in _SENTENCE.split(text[:MAX_TEXT])[:MAX_SENTENCES]:
        line = " ".join(sentence.split())[:MAX_SENTENCE]
        for change in _changes(line, company):
            found.setdefault((change.name, change.kind), change)
    joined = {name for name, kind in found if kind == JOINED}
    # Who leaves a post for another one is still there.
    return [change for change in found.values() if change.kind == JOINED or change.name not in joined]


def _changes(line: str, company: Company) -> Iterator[Change]:
    for finder, pattern in (
        (_appointed_by, phrases.APPOINTS),
        (_appointed, phrases.IS_APPOINTED),
        (_joining, phrases.JOINS),
        (_leaving, phrases.LEAVES),
        (_departing, phrases.DEPARTURE_OF),
    ):
        for match in pattern.finditer(line):
            yield from finder(line, match, company)


def _appointed_by(line: str, verb: re.Match[str], company: Company) -> Iterator[Change]:
    """ "Acme appoints Jane Doe as Chief Financial Officer and John Roe as …"."""
    rest = line[verb.end() :]
    if phrases.LONG_AGO.search(rest) or not is_own_subject(line[: verb.start()], company):
        return
    for _ in range(MAX_TOGETHER):
        name = name_at_start(rest)
        if name is None:
            return
        waiting = [name]
        rest = rest[name.end :]
        while (more := _another(rest)) is not None and len(waiting) < MAX_TOGETHER:
            waiting.append(more)
            rest = rest[more.end :]
        title = _title_after(rest, company) or _title_before(line, verb.end(), name)
        if title is None:
            return
        for person in waiting:
            worded = role_text.singular(title.text) if len(waiting) > 1 else title.text
            yield _change(person, worded, JOINED, line)
        rest = rest[title.end :]
        joint = phrases.AND.match(rest)
        if joint is None:
            return
        rest = rest[joint.end() :]


def _another(rest: str) -> Found | None:
    """The next of several who get the same post: "Jane Doe and John Roe as Managing Directors"."""
    joint = phrases.AND.match(rest)
    name = name_at_start(rest[joint.end() :]) if joint else None
    if joint is None or name is None or name.start:
        return None
    return Found(name.text, name.start + joint.end(), name.end + joint.end())


def _title_after(rest: str, company: Company) -> Found | None:
    """The title behind a name: after "as", after an aside and "as", or right there."""
    link = phrases.LINK.match(rest) or _AFTER_ASIDE.match(rest)
    start = link.end() if link else len(rest) - len(rest.lstrip(" ,"))
    found = title_at_start(rest[start:], company, ours=True)
    return Found(found.text, found.start + start, found.end + start) if found else None


def _title_before(line: str, start: int, name: Found) -> Found | None:
    """ "welcomes new Chief Financial Officer Jane Doe"; its place in the text behind the name is the beginning."""
    between = line[start : start + name.start]
    lead = phrases.LEAD.match(between)
    title = between[lead.end() :].strip(" ,") if lead else ""
    # Without "new" it may be anybody's: "welcomes Prime Minister …".
    is_new = lead is not None and lead.group().strip() != ""
    return Found(title, 0, 0) if is_new and is_title(title) else None


def _appointed(line: str, verb: re.Match[str], company: Company) -> Iterator[Change]:
    """ "Jane Doe has been appointed Chief Financial Officer", perhaps "of Acme"."""
    name = name_at_end(line[: verb.start()])
    rest = line[verb.end() :]
    if name is None or phrases.LONG_AGO.search(rest) or not is_own_sentence(line[: name.start], company):
        return
    title = title_at_start(rest, company, ours=False)
    if title is not None:
        yield _change(name, title.text, JOINED, line)


def _joining(line: str, verb: re.Match[str], company: Company) -> Iterator[Change]:
    """ "Jane Doe joins Acme as VP Sales"."""
    name = name_at_end(line[: verb.start()])
    rest = line[verb.end() :]
    link = phrases.AS.search(rest[:140])
    if name is None or link is None or phrases.LONG_AGO.search(rest):
        return
    title = title_at_start(rest[link.end() :], company, ours=True)
    if title is not None and _is_brand(rest[: link.start()].strip(), company):
        yield _change(name, title.text, JOINED, line)


def _is_brand(where: str, company: Company) -> bool:
    """Whether that which somebody joins is the brand or its board: "Acme's team", "us", nothing at all."""
    if not where or (phrases.COMPANY.search(where) and is_plain(where)):
        return True
    return any(is_plain(where[:start]) and is_plain(where[end:]) for start, end in company.mentions(where))


def _leaving(line: str, verb: re.Match[str], company: Company) -> Iterator[Change]:
    """ "CFO Jane Doe steps down", "Jane Doe leaves Acme"."""
    name = name_at_end(line[: verb.start()])
    rest = line[verb.end() :]
    if name is None or phrases.LONG_AGO.search(rest) or phrases.STAYS.search(rest):
        return
    if not verb["alone"] and not _leaves_brand(rest, company):
        return
    before = line[: name.start]
    clause = f"{verb.group()} {rest}"
    if is_own_sentence(before, company) and not names_another(clause, company):
        link = phrases.AS.search(clause)
        title = title_at_start(clause[link.end() :], company, ours=True) if link else None
        yield _change(name, title.text if title else sentences.title_before(before), LEFT, line)


def _leaves_brand(rest: str, company: Company) -> bool:
    """Whether what is left is the brand, its board or a post there; "leaves a legacy" leaves none of them."""
    place = re.split(r"[,;]|\s(?:to|for|after|um|pour|para|per|om)\s", rest, maxsplit=1)[0][:80]
    return any(True for _ in company.mentions(place)) or bool(
        phrases.COMPANY.search(place) or phrases.AS.match(place.strip())
    )


def _departing(line: str, noun: re.Match[str], company: Company) -> Iterator[Change]:
    """ "Acme announces the departure of Jane Doe"."""
    rest = line[noun.end() :]
    name = name_at_start(rest)
    if name is None or phrases.STAYS.search(rest) or not is_own_subject(line[: noun.start()], company):
        return
    if not names_another(rest[name.end :], company):
        yield _change(name, sentences.title_before(rest[: name.start]), LEFT, line)


def _change(name: Found, title: str, kind: Literal["joined", "left"], line: str) -> Change:
    return Change(name.text, title, kind, line[:MAX_SNIPPET])
