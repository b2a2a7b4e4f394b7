"""Who legally stands for an organisation: the managing directors of an Impressum, mentions légales, aviso legal …

A legal notice names them after a label ("Geschäftsführer:", "Directeur de la publication :"), in the same line or in
the next. The label is the title. § 5 DDG (Germany), art. 1-1 LCEN (France) and their like require the names.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from enrichment.discovery.website import role_text
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.names_on_page import read
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.sightings import LEGAL_NOTICE, Sighting
from enrichment.discovery.website.vocabulary import fold

MAX_FOLLOWING = 6  # lines after a label that may hold the names
MAX_NAMES = 20

# Labels that say what the person is, on any page, and those that mean it only in a legal notice.
_TITLE_LABEL = re.compile(
    r"(?:(?:einzel|allein)?vertretungsberechtigte[rn]? |alleinige[rn]? |geschaftsfuhrende[rn]? )?(?:geschaftsfuhrer(?:in|innen|:in(?:nen)?|/-?in(?:nen)?|\*in(?:nen)?)?|geschaftsfuhrung|gesellschafter(?:in)?"
    r"|vorstand(?:smitglied\w*|svorsitzende[r]?)?|vorsitzende[r]? des (?:vorstands?|aufsichtsrate?s?)|inhaber(?:in|:in)?|prokurist(?:in|en)?)"
    r"|managing directors?|legal representatives?|general managers?|(?:sole |statutory )?directors? of the company|proprietors?"
    r"|(?:co-?)?direct(?:eur|rice)s? (?:de )?(?:la )?(?:publication|redaction)|responsable (?:legal )?de (?:la )?publication|representants? lega(?:l|ux)|gerante?s?"
    r"|legale rappresentante|rappresentante legale|amministrator[ei] (?:unic[oi]|delegat[oi])|amministratrice (?:unica|delegata)"
    r"|representantes? lega(?:l|les|is)|administrador(?:a|es)? (?:unic[oa]|solidari[oa]s?|mancomunad[oa]s?)|socio[s]?-?gerentes?|gerencia"
    r"|zaakvoerder(?:s|ster)?|bestuurder(?:s)?|verantwoordelijke uitgever|prezes (?:zarzadu)?|jednatel(?:e|ka|ky)?|konatel|ugyvezeto|administrator(?:i)? (?:unic)?"
    r"|управител(?:и)?|генеральный директор|代表者名?|代表取締役(?:社長|会長|ceo)?|運営(?:統括)?責任者|販売責任者|法定代表人|法人代表|负责人|負責人|대표자|대표이사|대표"
)
_NOTICE_LABEL = re.compile(
    r"(?:gesetzlich )?vertreten durch|vertretungsberechtigt\w*|represented by|representee? par|rappresentat[ao] da|representad[ao] por|vertegenwoordigd door"
    r"|reprezentowan\w+ przez|представляван\w* от|(?:inhaltlich |redaktionell )?verantwortlich\w*(?: (?:fur|im sinne|i\.? ?s\.? ?d)[^:]{0,80})?|v\. ?i\. ?s\. ?d\. ?p\.?|visdp"
    r"|diensteanbieter|responsible (?:for (?:the )?content)?|directors?|titular|responsable|president[e]?|le president|zarzad|owner|titolare|eigenaar"
)
_OF_OTHERS = re.compile(
    r"\b(?:host(?:ing|er|ed)?|hebergeur|hebergement|alojamiento|provider|webdesign|web-?design|web-?site by|design|konzept\w*|umsetzung|realisierung|realisation|programmierung|agentur"
    r"|conception|credits?|fotos?|photos?|bildnachweis\w*|datenschutz\w*|data protection|dpo|delegue a la protection|streitschlichtung|aufsichtsbehorde|supervisory authority|versicherung\w*)\b"
)
_IS_NOTICE = re.compile(
    r"\b(?:impressum|imprint|anbieterkennzeichnung|mentions legales|legal notice|legal information|aviso legal|note legali|colofon|nota prawna|informacje prawne)\b"
    r"|特定商取引|会社概要|правна информация"
)
_REGISTERED = re.compile(
    r"\b(?:hrb|hra|registergericht|handelsregister|ust-?id\w*|umsatzsteuer\w*|siret|siren|rcs|tva|vat (?:no|number|id)|cif|nif|registro mercantil|p\. ?iva|partita iva|kvk|btw|krs|nip|regon)\b"
    r"|еик|булстат|огрн|инн"
)
_FORMS = (
    ("Geschäftsführer", re.compile(r"\b(?:gGmbH|GmbH|UG)\b")),
    ("Vorstand", re.compile(r"\b(?:AG|eG|e\. ?V\.|SE)(?=\W|$)")),
)
_ARTICLES = re.compile(
    r"^(?:durch |par |da |por |door |przez )?(?:d(?:en|ie|essen|eren)|ihren?|seinen?|the|its|le|la|son|sa|monsieur|madame|herrn?|frau|einzelvertretungsberechtigt\w*)\s+",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"\s*(?:,|;|/|\||、|\s&\s|\s+(?:und|and|et|y|e|en|oraz|i|и|sowie)\s+)\s*")
_ASIDE = re.compile(r"\s*[(（][^)）]{1,60}[)）]?")
_COLON = re.compile(r"\s*(?:[:：]|\s[–-]\s|\best\b|\bist\b|\bis\b|\bsind\b|\bè\b|\bes\b|(?=\s*$))\s*")


@dataclass(frozen=True, slots=True)
class _Label:
    """A label with what follows it in its line."""

    title: str
    rest: str


def find(page: Page, outline: Outline) -> list[Sighting]:
    """The legal representatives that the page names, with the label as their title."""
    is_notice = _is_notice(page, outline)
    found: list[Sighting] = []
    skipping = False
    for line in outline.lines:
        if line.image or len(line.text) > 400:
            continue
        folded = fold(line.text[:100])
        label = _label(line.text, is_notice=is_notice)
        if label and not label.rest and not _introduces(line, is_notice=is_notice):
            label = None
        if line.heading or line.text.endswith(":") or label:
            skipping = _OF_OTHERS.search(folded) is not None and not label
        if label and not skipping:
            found += _sightings(label, line, outline)
        if len(found) >= MAX_NAMES:
            break
    return found


def _is_notice(page: Page, outline: Outline) -> bool:
    head = " ".join([page.url, page.title, *(line.text for line in outline.lines if line.heading)])
    text = fold(head[:2000])
    return _IS_NOTICE.search(text) is not None or any(
        _REGISTERED.search(fold(line.text[:200])) for line in outline.lines[-60:]
    )


def _label(text: str, *, is_notice: bool) -> _Label | None:
    """The label that a line begins with. "Vertreten durch den Geschäftsführer Max …" has its title in the rest."""
    lead = re.match(r"(?:Le |La |Der |Die |The |Il |El |Het |De )", text)
    start = lead.end() if lead else 0
    match = _at(_TITLE_LABEL, text, start)
    title = match is not None
    if match is None and is_notice:
        match = _at(_NOTICE_LABEL, text, start)
    if match is None:
        return None
    printed, rest = text[start:match], text[match:]
    colon = _COLON.match(rest)
    if title:
        if not colon and not (rest[:1] == " " and read(_ARTICLES.sub("", rest.strip()))):
            return None
        return _Label(_as_title(printed), rest[colon.end() :] if colon else rest)
    rest = _ARTICLES.sub("", rest[colon.end() :] if colon else rest.strip())
    inner = _at(_TITLE_LABEL, rest, 0)
    if inner is not None:
        return _Label(_as_title(rest[:inner]), rest[inner:].lstrip(" :"))
    return _Label("", rest) if colon or read(rest) else None


def _introduces(line: Line, *, is_notice: bool) -> bool:
    """Whether a label that fills its line is one: it ends in a colon, or a legal notice sets it off. Else it is a title."""
    if line.text.rstrip().endswith((":", "：")):
        return True
    is_set_off = (
        line.heading
        or line.block.tag in {"th", "dt", "td"}
        or any(run.element.tag in {"b", "strong"} for run in line.runs)
    )
    return is_notice and bool(is_set_off)


def _at(pattern: re.Pattern[str], text: str, start: int) -> int | None:
    """Where a label that begins at `start` ends, None when there is none; accents and case make no difference."""
    head = text[start : start + 120]
    folded = fold(head)
    if len(folded) != len(head):  # places in both must agree: leave alone what folding lengthens
        folded = "".join(fold(char) if len(fold(char)) == 1 else char for char in head)
    match = pattern.match(folded)
    if not match or not match.end():
        return None
    end = start + match.end()
    follows = text[end : end + 1]
    return None if follows.isalpha() and text[end - 1].isascii() else end


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
            title_line=at if title else -1,
            spans=[range(at, where + 1)],
        )


def _names(text: str) -> Iterator[str]:
    """The names that a text consists of. It may go on with an address: "Max Muster, Musterstraße 1, 12345 Ort"."""
    for part in _SPLIT.split(_ASIDE.sub("", text[:300]).rstrip(".")):
        reading = read(_ARTICLES.sub("", part))
        if reading is None:
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
