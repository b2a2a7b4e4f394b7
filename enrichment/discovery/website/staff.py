"""Which of the names in blocks are the organisation's people? Every sign is weighed; no single one decides."""

import re
from collections import Counter
from dataclasses import dataclass

from enrichment.discovery.website import block_titles, blocks, name_order, ownership, role_text, sentences
from enrichment.discovery.website.addresses import Published
from enrichment.discovery.website.blocks import Record
from enrichment.discovery.website.candidates import candidates
from enrichment.discovery.website.lines import Outline
from enrichment.discovery.website.names_on_page import KNOWN
from enrichment.discovery.website.page_kinds import NEWS_PAGE
from enrichment.discovery.website.profiles import Linked
from enrichment.discovery.website.section_words import (
    about_others,
    is_former,
    is_outsider,
    is_pet,
    is_supplier,
    names_staff,
)
from enrichment.discovery.website.sections import Place, Sections
from enrichment.discovery.website.sightings import TEAM_PAGE, Sighting
from enrichment.discovery.website.vocabulary import fold

# What the signs are worth, beside the name's own likelihood (0.4 by shape, 0.85 with a given name we know).
ENOUGH = 1.15
STRONG_TITLE = 0.4
WEAK_TITLE = 0.15  # a mere function ("Accounting"), or a role that only the heading states
STAFF_SECTION = 0.35
OWN_ADDRESS = 0.25
OWN_PROFILE = 0.2
PICTURE = 0.1
GIVEN_NAME_LAST = 0.6  # the likelihood of "Nowak Anna": known neighbours too
HONOURED = 0.2  # "Dr.", "M.D."
REPEATED = 0.1
KNOWN_NEIGHBOURS = 0.35  # for a name known by its shape alone, where all others are known
TITLED_NEIGHBOURS = 0.15
NAMES_ONLY = 0.15  # every text marked up this way is a name
NAVIGATION = -0.35
NEWS = -0.3
ELSEWHERE = -0.7  # "Director of Admissions at Another School"

MAX_LABEL = 60  # characters before a name that say who follows
MIN_QUOTATION = 40

_FIRST_PERSON = re.compile(
    r"\b(?:(?-i:I)|we|my|our|ich|wir|mein\w{0,2}|uns\w{0,4}|je|nous|notre|mon|nosotros|nuestr\w{1,2}|noss[oa]s?|meu|minha|nostr[oaie]"
    r"|mio|mia|ik|wij|onze|mijn|nasz\w{0,3}|jag|vår\w{0,2}|мы|наш\w{0,3}|я)\b",
    re.IGNORECASE,
)
_COMMA = re.compile(r"\s?,\s(?:(?:The|Le|La|Les|Der|Die|Das|Il|El|Het|De|Los|Las)\s|L['’])?([^\W\d_a-z][\w&.'’-]+)")
_EMPLOYER = re.compile(r"(?:\s(?:at|bei|chez|presso|bij|w firmie)\s(?:the\s)?|\s?@\s?)([A-Z][\w&.-]+)")
_QUOTATION = re.compile(r"^\s*[“\"„«‘'].{40,}", re.DOTALL)


@dataclass(slots=True)
class _Group:
    """What the records of one make have in common."""

    records: list[Record]
    places: list[Place]
    bonus: float = 0.0
    known: float = 0.0
    elsewhere: bool = False


def find(
    outline: Outline, sections: Sections, published: list[Published], linked: list[Linked]
) -> tuple[list[Sighting], list[str]]:
    """The people in the page's blocks, and the names of those who are shown by one name only."""
    sightings: list[Sighting] = []
    singles: dict[str, None] = {}
    lines_with = _Marks(
        {item.line: item.address for item in published if not item.copied},
        {item.line: item.profile.slug for item in linked},
    )
    for group in _groups(outline, sections):
        for record, place in zip(group.records, group.places, strict=True):
            if place.others or _is_anothers(outline, record, place, alone=len(group.records) == 1):
                continue
            weight = _weigh(outline, sections, record, place, lines_with) + group.bonus
            if group.elsewhere and place.staff < 1.0:
                weight += ELSEWHERE
            if record.candidate.likelihood < KNOWN:
                weight += KNOWN_NEIGHBOURS * group.known
            if record.candidate.reading.single:
                if weight >= ENOUGH and place.staff >= 0.7:
                    singles.setdefault(record.candidate.reading.text)
            elif weight >= ENOUGH:
                sightings.append(_sighting(record, place))
    return sightings, list(singles)


def _is_anothers(outline: Outline, record: Record, place: Place, *, alone: bool) -> bool:
    """Whether words beside the name say that it is a customer's, a supplier's, a pet's or of somebody who left."""
    title, label = record.title, _label(outline, record)
    if is_former(title) or is_pet(title) or is_outsider(title) or about_others(label) or is_supplier(label):
        return True
    return _has_left(outline, record) or _is_quoted(outline, record, place, alone=alone)


def _groups(outline: Outline, sections: Sections) -> list[_Group]:
    """The records of one make, with titles and with what their being alike is worth."""
    found = candidates(outline)
    named = {candidate.reading.text for candidate in found if not candidate.image}
    found = [c for c in found if not c.image or c.reading.text not in named]
    alike: list[_Group] = []
    lines_alike = Counter(line.path for line in outline.lines if line.text)
    for records in blocks.groups(outline, found):
        places = [sections.place(outline.lines[record.candidate.line]) for record in records]
        block_titles.fill(outline, records, [place.heading for place in places])
        group = _Group(records, places)
        _compare(group, lines_alike)
        group.elsewhere = _work_elsewhere(outline, group, sections.organisation)
        alike.append(group)
    return alike


def _compare(group: _Group, lines_alike: Counter[int]) -> None:
    """Fill in what it says for a name that others of the same make are names, known ones, with titles."""
    members = [record for record, place in zip(group.records, group.places, strict=True) if not place.others]
    names = {record.candidate.reading.text: record for record in members}
    if len(names) < 2:
        return
    group.bonus = REPEATED
    if len(names) < 3:
        return
    known = sum(record.candidate.likelihood >= GIVEN_NAME_LAST for record in names.values())
    titled = sum(record.strong and record.title_line >= 0 for record in names.values())
    group.known = known / len(names)
    all_titled = group.known == 1.0 and all(record.title_line >= 0 for record in names.values())
    group.bonus += TITLED_NEIGHBOURS if titled * 2 >= len(names) or all_titled else 0.0
    is_pure = len(group.records) >= lines_alike[group.records[0].candidate.path]
    if is_pure and len(names) >= 4 and group.known >= 0.33:
        group.bonus += NAMES_ONLY


@dataclass(frozen=True, slots=True)
class _Marks:
    """On which lines an address or a profile stands."""

    addresses: dict[int, str]
    profiles: dict[int, str]


def _weigh(outline: Outline, sections: Sections, record: Record, place: Place, marks: _Marks) -> float:
    weight = record.candidate.likelihood + STAFF_SECTION * place.staff
    if record.title:
        weight += STRONG_TITLE if record.strong and record.title_line >= 0 else WEAK_TITLE
    own = range(record.start, min(record.end, record.start + blocks.LOOK))
    if any(_is_own(marks.addresses[line], record) for line in own if line in marks.addresses):
        weight += OWN_ADDRESS
    if any(line in marks.profiles for line in own):
        weight += OWN_PROFILE
    if any(outline.lines[line].image for line in own):
        weight += PICTURE
    if place.staff < 1.0 and names_staff(_label(outline, record)):
        weight += STAFF_SECTION  # "Ihre Ansprechpartnerin: Petra Muster"
    if record.candidate.reading.honoured:
        weight += HONOURED
    if place.navigation:
        weight += NAVIGATION
    if sections.kind == NEWS_PAGE:
        weight += NEWS
    return weight


def _label(outline: Outline, record: Record) -> str:
    """The words before the name in its line, or in the cell before, where they are few: "Cast:", "Ihre Beraterin:"."""
    line = outline.lines[record.candidate.line]
    label = line.text.partition(record.candidate.reading.text)[0]
    before = outline.lines[line.index - 1] if line.index else line
    if " " not in label.strip() and line.block.tag in {"td", "dd"} and before.block is line.block.getprevious():
        label = before.text  # "<td>Webmaster:</td><td>Jane Doe</td>"
    return label if len(label) <= MAX_LABEL else ""


def _is_own(address: str, record: Record) -> bool:
    names = name_order.split(record.candidate.reading.text)
    return ownership.fit(address.partition("@")[0], *names) != ownership.NO


def _has_left(outline: Outline, record: Record) -> bool:
    text = outline.lines[record.candidate.line].text
    return len(text) <= 120 and is_former(text)


def _work_elsewhere(outline: Outline, group: _Group, organisation: str) -> bool:
    """Whether at least half of the titled records, outside a part about staff, name another employer."""
    titled = [(r, p.staff) for r, p in zip(group.records, group.places, strict=True) if r.title and p.staff < 1.0]
    elsewhere = sum(_is_elsewhere(outline, record, staff, organisation) for record, staff in titled)
    return elsewhere * 2 >= max(1, len(titled))


def _is_elsewhere(outline: Outline, record: Record, staff: float, organisation: str) -> bool:
    """Whether the text goes on from the title to another employer than the page's organisation."""
    match = _EMPLOYER.search(record.title)
    text = outline.lines[record.title_line].text if record.title_line >= 0 else ""
    employer = fold(match.group(1)) if match else sentences.employer_after(text, record.title)
    if not employer and staff < 0.5:
        employer = _firm_after(text, record.title)
    return bool(employer) and employer not in organisation


def _firm_after(text: str, title: str) -> str:
    """The first word of the firm that stands behind a title and a comma: "Owner, Corner Bakery"; folded, or ""."""
    at = text.find(title)
    whole = text[at + len(title) :] if title and at >= 0 else ""
    match = _COMMA.match(whole) or (_COMMA.search(title) if at >= 0 else None)
    if match is None or role_text.matches(fold(match.group(1))):
        return ""
    return fold(match.group(1))


def _is_quoted(outline: Outline, record: Record, place: Place, *, alone: bool) -> bool:
    """Whether the name signs a quotation, as customers do under their praise; `alone` it may sign a letter."""
    if record.candidate.attributed:
        return not (place.staff == 1.0 and record.strong)
    if place.staff == 1.0:
        return False
    quotation = next(record.candidate.block.iterancestors("blockquote", "q"), None)
    start, end = outline.span.get(quotation, (0, 0)) if quotation is not None else (0, 0)
    if any(len(line.text) > 60 for line in outline.lines[start : min(end, start + blocks.LOOK)]):
        return True
    around = range(max(0, record.candidate.line - 3), record.candidate.line)
    own = [outline.lines[line].text for line in around if line >= record.start]
    if place.staff < 0.5 and not alone and any(map(_is_personal, own)):
        return True  # praise that needs no quotation marks
    return any(_QUOTATION.match(outline.lines[line].text) for line in (*around, *record.below[:4]))


def _is_personal(text: str) -> bool:
    return len(text) >= MIN_QUOTATION and _FIRST_PERSON.search(text[:300]) is not None


def _sighting(record: Record, place: Place) -> Sighting:
    return Sighting(
        name=record.candidate.reading.text,
        title=record.title,
        method=TEAM_PAGE,
        line=record.candidate.line,
        title_line=record.title_line,
        spans=[range(record.start, record.end)],
        own_page=place.staff >= 0.7,
    )
