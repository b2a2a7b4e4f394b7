"""People named in running text: "our project manager Jane Doe", "Jane Doe, founder of …", "Jane Doe is the head of …".

Text names many people who do not work there, so a name alone is never enough: a given name that we know, a role
beside it, and a sign that the role is in this organisation.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from enrichment.discovery.website import name_order, name_words, ownership, role_text, sentences
from enrichment.discovery.website.addresses import Published
from enrichment.discovery.website.line_parts import pairs
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.names_on_page import KNOWN, Reading, read
from enrichment.discovery.website.page_kinds import ABOUT_PAGE, NEWS_PAGE, TEAM_PAGE
from enrichment.discovery.website.section_words import is_former, is_outsider
from enrichment.discovery.website.sections import Place, Sections
from enrichment.discovery.website.sightings import TEXT, Sighting
from enrichment.discovery.website.work import CHARACTERS, MENTION

MIN_LINE = 25
MAX_NAMES = 400  # looked at on one page
OPENING = 12  # characters: a text that begins with somebody is about them
MAX_HEADLINE = 60
BEFORE, AFTER = 70, 130  # characters of context

_NAME = re.compile(
    r"\b[^\W\d_a-zà-ÿ][\w'’.-]{0,40}+(?:\s(?:(?:van|von|de|del|der|den|di|da|do|dos|das|du|la|le|ter|ten|zu|af|el|al|bin)\s){0,3}"
    r"[^\W\d_a-zà-ÿ][\w'’-]*\.?){1,5}"
)
_OURS = re.compile(
    r"\b(?:our|unser\w*|notre|nos|nuestr[oa]s?|noss[oa]s?|nostr[oaie]|onze|ons|nasz\w*|наш\w*)\b", re.IGNORECASE
)
_NOT_NOW = re.compile(
    r"\b(?:was|former|formerly|late|then|previous|ehemalig\w*|früher\w*|ancien\w*|ex|antigu\w+|said|says"
    r"|according to|thanks to|(?:written|posted|photos?|story|text|fotos?|review) (?:by|von|par))[\s-]*$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^,?\s(?:[^,]{0,30},\s)?(?:is|has|have|joined|received|earned|brings|holds|graduated|works|worked|studied|leads|oversees"
    r"|manages|founded|co-founded|started|began|ist|hat|leitet|arbeitet|verantwortet|est|a rejoint|dirige|travaille|es"
    r"|trabaja|lidera|é|è|lavora|guida|gestisce|werkt|leidt|jest|pracuje|kieruje)\b"
)
_TO_REACH = re.compile(
    r"\b(?:contact|call|e-?mail|reach|write to|ask for|kontakt\w*|wenden|contactez|contact[ae]r?|contatt\w+)\b",
    re.IGNORECASE,
)

_AND = re.compile(
    r"(?:,[^.;]{0,60})?\s?,?\s?(?:and|und|et|e|y|en|i|og|och|и)\s(?:(?:the|our|der|die|la|le|el|il|o|a|het|de)\s|l['’])?",
    re.IGNORECASE,
)
_LED_BY = re.compile(
    r"\b(?:(?:founded|started|led|run|headed|managed|owned) by|(?:gegründet|geleitet|geführt) von"
    r"|(?:fondée?|dirigée?|créée?) par|(?:fundad|dirigid|liderad)[oa] por|(?:fondat|guidat|dirett)[oa] da"
    r"|(?:opgericht|geleid) door|(?:grundat|grundlagt|grunnlagt|ledet) av|(?:założona|prowadzona|kierowana) przez)$"
)
_ARTICLE_ONLY = re.compile(r"(?:^|[.!?:])\s*(?:(?:The|Der|Die|Das|Le|La|Les|El|O|A|Il|Lo|De|Het)\b|L['’])?$")


@dataclass(frozen=True, slots=True)
class _Mention:
    """A name in a line, with the text before and after it, as far as the names beside it."""

    reading: Reading
    line: Line
    start: int
    before: str
    after: str
    followed: bool = False


def find(outline: Outline, sections: Sections, published: list[Published]) -> list[Sighting]:
    """The organisation's people that the page's running text names, with their roles."""
    on_line = {item.line: item.address for item in published if not item.copied}
    found: list[Sighting] = []
    presented: Line | None = None  # the line in which somebody was found last
    for mention in _mentions(outline):
        if _NOT_NOW.search(mention.before):
            continue
        place = sections.place(mention.line)
        title = _title(mention) or _title_above(mention, outline)
        address = on_line.get(mention.line.index, "")
        goes_on = mention.line is presented and _AND.fullmatch(mention.before.rstrip(" ,:").removesuffix(title))
        is_presented = bool(title) and (bool(goes_on) or _is_presented(mention, title, address, sections))
        is_ours = is_presented and _is_ours(mention, title, place, sections)
        is_staff = not place.others and (is_ours or _opens_biography(mention, place))
        if is_staff or _can_be_reached(mention, address, sections):
            found.append(_sighting(mention, title, place))
            presented = mention.line
    return found


def _mentions(outline: Outline) -> Iterator[_Mention]:
    count = 0
    for line in outline.lines:
        if line.image or len(line.text) < MIN_LINE or line.heading:
            continue
        if not outline.work.spend(len(line.text) // CHARACTERS):
            return
        places: list[tuple[Reading, int, int]] = []
        for match in _NAME.finditer(line.text):
            count += 1
            if count > MAX_NAMES or not outline.work.spend(MENTION):
                outline.work.cut = True
                return
            places += _readings(match)
        for number, (reading, start, end) in enumerate(places):
            first = max(places[number - 1][2] if number else 0, start - BEFORE)
            followed = number + 1 < len(places)
            last = min(places[number + 1][1] if followed else len(line.text), end + AFTER)
            yield _Mention(reading, line, start, line.text[first:start], line.text[end:last], followed)


def _readings(match: re.Match[str]) -> list[tuple[Reading, int, int]]:
    """The name in a run of capitalised words, which may begin with others: of "CEO Jane Doe" the last two."""
    text = match.group().rstrip(".")
    tokens = text.split()
    if not any(name_words.is_given(token) for token in tokens):
        return []
    for first in range(min(len(tokens) - 1, 3)):
        for last in range(len(tokens), first + 1, -1):
            name = " ".join(tokens[first:last])
            reading = read(name)
            if reading and reading.likelihood >= KNOWN and not reading.single:
                start = match.start() + text.find(name)
                return [(reading, start, start + len(name))]
    return []


def _title(mention: _Mention) -> str:
    """The title beside a name. "CEO Jane Doe" goes before "Jane Doe, CEO", and that before "the CEO, Jane Doe"."""
    before = sentences.title_before(mention.before)
    if before and not mention.before.rstrip(" ").endswith((",", ":", ")")):
        return before
    after = sentences.title_after(mention.after)
    if after and mention.followed and mention.after.rstrip().endswith(after):
        after = ""  # it runs on to the next name, whose title it is
    return after or before


def _title_above(mention: _Mention, outline: Outline) -> str:
    """The title that stands as a line of its own over a text that begins with the name."""
    above = outline.lines[mention.line.index - 1] if mention.line.index else mention.line
    is_beside = above.block.getparent() is mention.line.block.getparent() and above is not mention.line
    if mention.start or not is_beside or above.image or len(above.text) > MAX_HEADLINE or pairs(above.text):
        return ""
    title = role_text.clean(above.text)
    return title if role_text.strength(title) == role_text.ROLE else ""


def _is_presented(mention: _Mention, title: str, address: str, sections: Sections) -> bool:
    """Whether the text presents the person: a sentence begins with them, says "our" right beside their role, sets
    the name apart (bold, a link) or gives an address.

    A name in passing, in the middle of a sentence, is as often that of a partner, a customer or a predecessor.
    """
    if mention.start < OPENING or address:
        return True
    name, lead = mention.reading.text, mention.before.rstrip(" ,:").removesuffix(title).rstrip()
    if any(run.element is not mention.line.block and name in run.text for run in mention.line.runs):
        return True
    if sections.kind in {ABOUT_PAGE, TEAM_PAGE} and _LED_BY.search(mention.before.rstrip()):
        return True
    beside = _OURS.search(lead[-OPENING:]) or _OURS.match(mention.after.lstrip(" ,(–—-"))
    return bool(beside) or _ARTICLE_ONLY.search(lead) is not None


def _is_ours(mention: _Mention, title: str, place: Place, sections: Sections) -> bool:
    """Whether the role is one here: the text says "our", names the organisation, or stands on a page about staff."""
    if is_former(title) or is_outsider(title):
        return False
    employer = sentences.employer_in(title) or sentences.employer_after(mention.after, title)
    if employer:
        return employer in sections.organisation
    if _OURS.search(f"{mention.before[-40:]} {mention.after[: len(title) + 30]}"):
        return True
    return place.staff >= 0.5 and sections.kind != NEWS_PAGE


def _opens_biography(mention: _Mention, place: Place) -> bool:
    """Whether a paragraph about staff begins with the name: "Jane Doe, MSc, joined the firm in …"."""
    return (
        place.staff == 1.0
        and not place.navigation
        and mention.start < OPENING
        and _OPENS.match(mention.after) is not None
    )


def _can_be_reached(mention: _Mention, address: str, sections: Sections) -> bool:
    """Whether the text asks to write to this person, at an address of this organisation that fits the name."""
    local, _, domain = address.partition("@")
    if not address or not _TO_REACH.search(mention.before):
        return False
    is_own = domain.split(".")[0] in sections.organisation.replace(" ", "")
    return is_own and ownership.fit(local, *name_order.split(mention.reading.text)) == ownership.STRONG


def _sighting(mention: _Mention, title: str, place: Place) -> Sighting:
    at = mention.line.index
    return Sighting(
        name=mention.reading.text,
        method=TEXT,
        title=title,
        line=at,
        title_line=at if title else -1,
        spans=[range(at, at + 1)],
        own_page=place.staff >= 0.7,
    )
