"""What part of a page is about: its own people, or somebody else's (customers, speakers, authors, the dead)?

Read from the page's address and title, from the heading above a line, and from the class names around it.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import lru_cache

from lxml.html import HtmlElement

from enrichment.discovery.website import line_parts, names_on_page
from enrichment.discovery.website.lines import MAX_CLASS, Line, Outline
from enrichment.discovery.website.page_kinds import ABOUT_PAGE, OTHERS_PAGE, TEAM_PAGE, kind_of, organisation_of
from enrichment.discovery.website.pages import Page
from enrichment.discovery.website.section_words import about_others, about_staff, is_supplier

# Names of classes and ids, as authors and site builders give them.
_OTHERS_CLASS = re.compile(
    r"testimonial|review|blockquote|(?:^|[-_])quotes?(?:$|[-_])|customer|client-?(?:say|quote|stor)|speaker|byline|comment"
    r"|(?:^| )(?:[a-z]+-)?author(?:s|-(?:name|box|bio|info|card|meta|link))?(?: |$)|(?:post|entry|article)-?meta"
    r"|recent-?(?:post|entries)|related|sponsor|donor|breadcrumb|cookie|in-?memoriam|obituar|vacanc|job-?(?:list|open)"
    r"|kundenstimme|referenz|temoignage|opinion|depoimento|tweet|twitter-feed|pets?(?:$|[-_])"
    r"|(?:news|blog)-?(?:list|item|feed|post|roll)",
    re.IGNORECASE,
)
_STAFF_CLASS = re.compile(
    r"(?:^|[-_ ])(?:our-?)?(?:team|staff|members?|people|persons?|persona|employees?|board|leadership|management"
    r"|mitarbeiter|ansprechpartner|equipe|equipo|equipa|vcard|h-card|directors|attorneys?|doctors?|trustees?|profiles?"
    r"|bios?|supportstaff\w*)(?:$|[-_ \d])|(?:team|staff)-?(?:member|card|grid|list)",
    re.IGNORECASE,
)
_NAVIGATION = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|mainmenu|submenu|sidebar-?nav)(?:$|[-_ \d])", re.IGNORECASE
)
_OTHERS_ITEM = re.compile(r"\b(?:author|reviewe?r?s?|performers?|actors?|creator)\b", re.IGNORECASE)
_BOLD = frozenset({"b", "strong", "u", "th", "legend", "dt", "caption", "summary"})

LOOK_BACK = 40  # headings before a line that are looked at


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands. `staff`, 0-1: the part is about the organisation's own people. `others`: about other people.

    `heading` is the text of the heading just above.
    """

    staff: float
    others: bool
    navigation: bool
    heading: str


@dataclass(slots=True)
class _Heading:
    line: int
    level: int
    text: str
    end: int


@dataclass(slots=True)
class Sections:
    """The parts of a page. `kind` is what the page as a whole is: team, about, plain, news, others.

    `organisation` is what the page calls itself, folded: its title, address and the image texts at its head.
    """

    kind: str
    organisation: str
    outline: Outline
    headings: list[_Heading] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _marks: dict[HtmlElement, tuple[bool, bool, bool]] = field(default_factory=dict)

    def place(self, line: Line) -> Place:
        """What the surroundings of `line` say."""
        staff_class, others_class, navigation = self._surroundings(line.block)
        above = self._above(line)
        nearest = above[0].text if above else ""
        staff_heading = any(about_staff(heading.text) for heading in above)
        others = (
            others_class
            or (bool(above) and is_supplier(nearest))
            or any(about_others(heading.text) for heading in above[:2] if not about_staff(heading.text))
        )
        others = others or (self.kind == OTHERS_PAGE and not staff_heading)
        staff = 1.0 if staff_heading else (0.7 if staff_class else 0.0)
        page_staff = {TEAM_PAGE: 1.0, ABOUT_PAGE: 0.5}.get(self.kind, 0.0)
        return Place(0.0 if others else max(staff, page_staff), others, navigation, nearest)

    def _above(self, line: Line) -> list[_Heading]:
        """The headings over a line, the nearest first."""
        found: list[_Heading] = []
        level = 10
        end = bisect_right(self._starts, line.index - 1)
        for heading in reversed(self.headings[max(0, end - LOOK_BACK) : end]):
            if heading.level < level and heading.end > line.index:
                found.append(heading)
                level = heading.level
        return found

    def _surroundings(self, element: HtmlElement) -> tuple[bool, bool, bool]:
        chain: list[HtmlElement] = []
        marks = (False, False, False)
        for ancestor in (element, *element.iterancestors()):
            if ancestor in self._marks:
                marks = self._marks[ancestor]
                break
            if ancestor.tag in {"body", "html"}:
                break
            chain.append(ancestor)
        for ancestor in reversed(chain):
            own = self._own_marks(ancestor)
            staff, others = marks[0] or own[0], marks[1] or own[1]
            marks = self._marks[ancestor] = (staff, others, marks[2] or own[2])
        return marks

    def _own_marks(self, element: HtmlElement) -> tuple[bool, bool, bool]:
        names = f"{(element.get('class') or '')[:MAX_CLASS]} {(element.get('id') or '')[:MAX_CLASS]}"
        staff, others, navigation = _marks_of(names) if len(names) > 1 else (False, False, False)
        if others and not staff:
            start, end = self.outline.span.get(element, (0, 0))
            others = (end - start) * 2 <= len(self.outline.lines)  # a wrapper's name says little
        item = f"{element.get('itemprop') or ''} {element.get('itemtype') or ''}"[:MAX_CLASS]
        is_item = len(item) > 1 and _OTHERS_ITEM.search(item) is not None
        others = others or element.tag == "cite" or is_item
        return staff, others and not staff, navigation or element.tag == "nav"


@lru_cache(maxsize=8192)
def _marks_of(names: str) -> tuple[bool, bool, bool]:
    """What the names of an element's classes and id say: staff, others, navigation."""
    found = [pattern.search(names) is not None for pattern in (_STAFF_CLASS, _OTHERS_CLASS, _NAVIGATION)]
    return found[0], found[1], found[2]


def sections(page: Page, outline: Outline) -> Sections:
    """Take the page's headings in: real ones, and short bold lines or table captions that serve as such."""
    found = Sections(kind=kind_of(page, outline), organisation=organisation_of(page, outline), outline=outline)
    for line in outline.lines:
        if not outline.work.spend(1):
            break
        level = line.heading or _mock_level(line, outline)
        if level and line.text and not line.image:
            found.headings.append(_Heading(line.index, level, line.text, _scope(line, outline)))
            found._starts.append(line.index)
    return found


def _mock_level(line: Line, outline: Outline) -> int:
    """7 for a line that is set like a heading without being one."""
    if len(line.text) > 60 or len(line.text.split()) > 7 or not line.runs:
        return 0
    if any(run.element.tag == "a" or next(run.element.iterancestors("a"), None) is not None for run in line.runs):
        return 0
    text = line.text.rstrip(": ")
    if names_on_page.read(text) or line_parts.pairs(text):
        return 0
    if about_staff(text) and len(text.split()) <= 4 and not _is_title_of(outline, line):
        return 7
    is_bold = all(_is_bold(run.element, line.block) for run in line.runs)
    is_set_apart = is_bold or line.text.endswith(":") or line.text.isupper()
    return 7 if is_set_apart and (about_staff(text) or about_others(text)) else 0


def _is_title_of(outline: Outline, line: Line) -> bool:
    """Whether a line that may be a heading stands right under a name, as that person's title: "Inhaberin"."""
    above = outline.lines[line.index - 1] if line.index else line
    if above is line or above.image or above.block.getparent() is not line.block.getparent():
        return False
    reading = names_on_page.read(above.text)
    return reading is not None and not reading.single


def _is_bold(element: HtmlElement, block: HtmlElement) -> bool:
    while element is not None and element is not block:
        if element.tag in _BOLD:
            return True
        element = element.getparent()
    return block.tag in _BOLD


def _scope(line: Line, outline: Outline) -> int:
    """Where the part under a heading ends at the latest: with the section around it, or with the box it opens."""
    for ancestor in line.block.iterancestors():
        outline.work.spend(1)
        end = outline.span.get(ancestor, (0, 0))[1]
        if (
            ancestor.tag in {"section", "article", "aside", "nav", "footer", "main", "body", "td"}
            and end > line.index + 1
        ):
            return end
    return len(outline.lines)
