"""Who legally stands for an organisation: the managing directors of an Impressum, mentions légales, aviso legal …

A legal notice names them after a label ("Geschäftsführer:", "Directeur de la publication :"), in the same line or in
the next. The label is the title. § 5 DDG (Germany), art. 1-1 LCEN (France) and their like require the names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from enrichment.discovery.website import role_text
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.names_on_page import read
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.section_words import is_supplier
from enrichment.discovery.website.sightings import LEGAL_NOTICE, Sighting
from enrichment.discovery.website.vocabulary import fold, pattern
from enrichment.discovery.website.work import LINE

MAX_FOLLOWING = 6  # lines after a label that may hold the names
MAX_NAMES = 20
MAX_LINE = 400

_LEAD = re.compile(r"(?:Le|La|Der|Die|The|Il|El|Het|De) ")

# "Verantwortlich für den Inhalt nach § 18 Abs. 2 MStV" and "Geschäftsführer:innen" go on like this.
_GOES_ON = re.compile(
    r"(?:\s(?:für|im sinne|i\.?\s?s\.?\s?d|gem|nach)[^:]{0,80}(?=:|$)|[:*_/]-?in(?:nen)?\b)?", re.IGNORECASE
)
_FORMS = (
    ("Geschäftsführer", re.compile(r"\b(?:gGmbH|GmbH|UG)\b")),
    ("Vorstand", re.compile(r"\b(?:AG|eG|e\. ?V\.|SE)(?=\W|$)")),
)
_ARTICLES = re.compile(
    r"^(?:durch |par |da |por |door |przez )?(?:d(?:en|ie|essen|eren)|ihren?|seinen?|the|its|le|la|son|sa"
    r"|monsieur|madame|herrn?|frau|einzelvertretungsberechtigt\w*)\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:,|;|/|\||、)\s*|\s+(?:&|und|and|et|y|e|en|oraz|i|и|sowie)\s+")
_COMPANY = re.compile(
    r"(?:S\.?L\.?U?|S\.?A\.?S?|S\.?A\.?R\.?L|EURL|SCI|GmbH|UG|AG|KG|GbR|Ltd|Limited|LLC|PLC|Inc|S\.?r\.?l|S\.?p\.?A|B\.?V|N\.?V"
    r"|Lda|Sp\. z o\. ?o|s\. ?r\. ?o|a\. ?s|Oy|AB|AS|A/S|ApS|ООД|ЕООД|АД|ООО)\.?",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"\s*[(（][^)）]{1,60}[)）]?")
_COLON = re.compile(r"\s*(?:[:：]|(?<=\s)[–-]\s|\best\b|\bist\b|\bis\b|\bsind\b|\bè\b|\bes\b|$)\s*")


@dataclass(frozen=True, slots=True)
class _Label:
    """A label with what follows it in its line."""

    title: str
    rest: str


def find(page: Page, outline: Outline) -> list[Sighting]:
    """The legal representatives that the page names, with the label as their title."""
    is_notice = _is_notice(page, outline)
    found: list[Sighting] = []
    under_supplier = False
    for line in outline.lines:
        if line.image or len(line.text) > MAX_LINE:
            continue
        if not outline.work.spend(LINE):
            break
        label = _label(line, is_notice=is_notice)
        if label is None and (line.heading or line.text.endswith(":")):
            under_supplier = is_supplier(line.text)
        elif label is not None and not under_supplier:
            found += _sightings(label, line, outline)
        if len(found) >= MAX_NAMES:
            break
    return found


def _is_notice(page: Page, outline: Outline) -> bool:
    head = " ".join([page.url, page.title, *(line.text for line in outline.lines if line.heading)])
    if pattern("legal_pages").search(fold(head[:2000])):
        return True
    return any(pattern("registration_marks").search(fold(line.text[:200])) for line in outline.lines[-60:])


def _label(line: Line, *, is_notice: bool) -> _Label | None:
    """The label that a line begins with; None when the words are no label but, say, the title on a card."""
    text = line.text
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    end = _end_of("legal_titles", text, start)
    if end is not None:
        label = _office(text[start:end], text[end:])
    else:
        end = _end_of("legal_labels", text, start) if is_notice else None
        label = _plain(text[end:]) if end is not None else None
    if label is not None and not label.rest and not _introduces(line, is_notice=is_notice):
        return None
    return label


def _office(printed: str, rest: str) -> _Label | None:
    """ "Geschäftsführer: Max Muster", "Le directeur de la publication est M. Jean Exemple"."""
    colon = _COLON.match(rest)
    if not colon and not (rest.startswith(" ") and read(_ARTICLES.sub("", rest.strip()))):
        return None
    return _Label(_as_title(printed), rest[colon.end() :] if colon else rest)


def _plain(text: str) -> _Label | None:
    """ "Vertreten durch: Max Muster", and "Vertreten durch den Geschäftsführer Max Muster", which states an office."""
    colon = _COLON.match(text)
    rest = _ARTICLES.sub("", text[colon.end() :] if colon else text.strip())
    end = _end_of("legal_titles", rest, 0)
    if end is not None:
        return _Label(_as_title(rest[:end]), rest[end:].lstrip(" :"))
    return _Label("", rest) if colon or read(rest) else None


def _introduces(line: Line, *, is_notice: bool) -> bool:
    """Whether a label that fills its line is one and no title: it ends in a colon, or a legal notice sets it off."""
    if line.text.rstrip().endswith((":", "：")):
        return True
    is_bold = any(run.element.tag in {"b", "strong"} for run in line.runs)
    return is_notice and (line.heading > 0 or is_bold or line.block.tag in {"th", "dt", "td"})


def _end_of(label: str, text: str, start: int) -> int | None:
    """Where a label of `label`.txt that begins at `start` ends; accents and case make no difference."""
    head = text[start : start + 120]
    folded = fold(head)
    if len(folded) != len(head):  # places in both must agree: leave alone what folding lengthens
        folded = "".join(fold(char) if len(fold(char)) == 1 else char for char in head)
    match = pattern(label).match(folded)
    if match is None:
        return None
    going_on = _GOES_ON.match(text, start + match.end())
    return going_on.end() if going_on else start + match.end()


def _as_title(printed: str) -> str:
    title = role_text.clean(printed)
    return role_text.singular(title[:1].upper() + title[1:])


def _sightings(label: _Label, line: Line, outline: Outline) -> Iterator[Sighting]:
    names = list(_names(label.rest))
    at = line.index
    if names:
        places = [(name, at) for name in names]
    else:
        places = [] if label.rest.strip(" .:") and read(label.rest) else list(_names_below(label.rest, at, outline))
    title = label.title or _by_form(outline, at)
    for name, where in places:
        yield Sighting(
            name=name,
            method=LEGAL_NOTICE,
            title=title,
            line=where,
            title_line=at if label.title else -1,
            spans=[range(at, where + 1)],
        )


def _names(text: str) -> Iterator[str]:
    """The names that a text consists of. It may go on with an address: "Max Muster, Musterstraße 1, 12345 Ort"."""
    parts = [*_SPLIT.split(_ASIDE.sub("", text[:300]).rstrip(".")), ""]
    for part, following in pairwise(parts):
        reading = read(_ARTICLES.sub("", part))
        if reading is None or _COMPANY.fullmatch(following):  # "Muster Verwaltung, S.L."
            return
        if not reading.single:
            yield reading.text


def _names_below(rest: str, at: int, outline: Outline) -> Iterator[tuple[str, int]]:
    """The names in the lines after a label: perhaps after the firm's own, until something else is said."""
    found = False
    for line in outline.lines[at + 1 : at + 1 + MAX_FOLLOWING]:
        if not line.text or line.image:
            continue
        names = list(_names(line.text))
        for name in names:
            found = True
            yield name, line.index
        if not names and (found or rest.strip(" :") or line.heading or any(char.isdigit() for char in line.text)):
            return


def _by_form(outline: Outline, at: int) -> str:
    """What the representatives of the company above are by law: §35 GmbHG, §78 AktG, §24 GenG, §26 BGB."""
    for line in reversed(outline.lines[max(0, at - 8) : at + 1]):
        for title, form in _FORMS:
            if form.search(line.text):
                return title
    return ""
