"""A page as the lines a reader sees, in reading order, each with its place in the markup.

Everything that looks for people works on these lines. The tree is walked once, without recursion.
"""

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from enrichment.discovery.website.pages import UNSEEN_TAGS, Page, is_unseen, squeeze
from enrichment.discovery.website.reversed_text import is_reversed, reversed_classes
from enrichment.discovery.website.runs import Run, joined
from enrichment.discovery.website.scripted_addresses import may_hide
from enrichment.discovery.website.work import CHARACTERS, ELEMENT, LINE, Work

MAX_LINES = 20_000
MAX_LINE = 2_000  # characters; a name or a title stands in the beginning or nowhere
MAX_CLASS = 300
MAX_SIGN = 3  # characters of a picture's text that is part of the line around it

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "button", "caption", "center", "dd", "details", "dialog"}
    | {"div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html"}
    | {"legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot"}
    | {"th", "thead", "tr", "ul", *HEADINGS}
)
_STYLED, _TELLING = 1, 2  # traits of an element: it may be hidden or turned round; it may hold an address
_WORD = re.compile(r"\w")
_CHANGING_CLASS = re.compile(r"\d|^(?:first|last|odd|even|active|left|right|alpha|omega|alt)$")


@dataclass(slots=True, eq=False)  # not frozen: freezing doubles the time that making one takes
class Line:
    """A line of visible text. `index` is its place in reading order, `block` the innermost block element around it.

    `path` numbers the chain of tags (and the last one's class) down to the text: lines marked up alike share it.
    `heading` is 1-6 in a heading, else 0. An `image` line is the alternative text of a picture. A line without
    text holds only a link without text, such as an icon.
    """

    index: int
    text: str
    block: HtmlElement
    path: int
    heading: int
    runs: tuple[Run, ...]
    image: bool = False


@dataclass(slots=True, eq=False)
class Anchor:
    """An element that may carry an address or a profile: a link, a script, or one with telling attributes."""

    element: HtmlElement
    href: str
    line: int


@dataclass(slots=True)
class Outline:
    """All lines of a page. `span[element]` is the half-open range of line indexes inside a block element.

    `work` counts what is done with them.
    """

    lines: list[Line] = field(default_factory=list)
    span: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    anchors: list[Anchor] = field(default_factory=list)
    work: Work = field(default_factory=Work)


def outline(page: Page) -> Outline:
    """Walk the page once. What follows MAX_LINES lines, or more work than half of a page's, is not read."""
    walk = _Walk(reversed_classes(page.root))
    for element in page.root.iterchildren("body", "frameset"):
        walk.run(element)
    return walk.outline


class _Walk:
    def __init__(self, backward: frozenset[str]) -> None:
        self.outline = Outline()
        self._keep = self.outline.work.left // 2  # for what reads the lines
        self._backward = backward
        self._turned: set[HtmlElement] = set()  # open elements whose text is written backwards
        self._pieces: list[Run] = []
        self._length = 0  # of the pieces
        self._blocks: list[HtmlElement] = []
        self._first_anchor = 0
        self._numbers: dict[tuple[int, str], int] = {}
        self._styles: dict[str, str] = {}
        self._traits: dict[str, int] = {}

    def run(self, root: HtmlElement) -> None:
        walker = etree.iterwalk(root, events=("start", "end"))
        around: list[tuple[HtmlElement, int]] = []  # the open elements, each with the number of its chain, -1: unseen
        for event, element in walker:
            if event == "end":
                if around.pop()[1] >= 0:
                    self._close(element)
                if around and (text := element.tail):
                    self._take(text, *around[-1])
                continue
            if not self._has_room():
                break
            tag, traits = element.tag, self._traits_of(element.keys())
            if tag in UNSEEN_TAGS or (traits & _STYLED and is_unseen(element)):
                around.append((element, -1))
                self._note(element, tag, traits)
                walker.skip_subtree()
                continue
            chain = self._number(around[-1][1] if around else 0, tag)
            around.append((element, chain))
            self._open(element, tag, traits)
            if text := element.text:
                self._take(text, element, chain)
        while self._blocks:
            self._close(self._blocks[-1])

    def _has_room(self) -> bool:
        work = self.outline.work
        work.left -= ELEMENT
        if work.left < self._keep or len(self.outline.lines) >= MAX_LINES:
            work.cut = True
        return not work.cut

    def _traits_of(self, attributes: list[str]) -> int:
        """What must be looked at in an element with these attributes. The same few sets come up all the time."""
        if not attributes:
            return 0
        key = " ".join(attributes)
        traits = self._traits.get(key)
        if traits is None:
            is_styled = not {"hidden", "style"}.isdisjoint(attributes)
            tells = any(name == "onclick" or name.startswith("data-") for name in attributes)
            traits = self._traits[key] = is_styled * _STYLED + tells * _TELLING
        return traits

    def _number(self, parent: int, key: str) -> int:
        return self._numbers.setdefault((parent, key), len(self._numbers) + 1)

    def _take(self, text: str, element: HtmlElement, chain: int) -> None:
        if len(text) > MAX_LINE:
            self.outline.work.spend(len(text) // (CHARACTERS * 10))
            text = f" {squeeze(text)[:MAX_LINE]} "
        self._length += len(text)
        if self._length > 2 * MAX_LINE and not text.isspace():
            return  # nobody reads that far into a line
        shown = text[::-1] if self._turned else text
        self._pieces.append(Run(shown, element, chain if text.isspace() else self._styled(chain, element)))

    def _styled(self, chain: int, element: HtmlElement) -> int:
        classes = element.get("class")
        if not classes:
            return chain
        classes = classes[:MAX_CLASS]
        if classes not in self._styles:
            names = sorted(name for name in classes.split() if not _CHANGING_CLASS.search(name))
            self._styles[classes] = ".".join(names)
        style = self._styles[classes]
        return self._number(chain, f".{style}") if style else chain

    def _open(self, element: HtmlElement, tag: str, traits: int) -> None:
        if tag in _BREAKS:
            if self._pieces or len(self.outline.anchors) > self._first_anchor:
                self._end_line()
            self._blocks.append(element)
            self.outline.span[element] = (len(self.outline.lines), -1)
        elif tag == "br":
            self._end_line()
        elif tag == "img" and (alt := squeeze((element.get("alt") or "")[:MAX_LINE])):
            if len(alt) <= MAX_SIGN and not _WORD.search(alt):
                self._pieces.append(Run(alt, element, 0))  # a picture of the "@" in an address
            else:
                self._end_line()
                self._add_line(alt, (), image=True)
        if (traits & _STYLED or self._backward or tag == "bdo") and is_reversed(element, self._backward):
            self._turned.add(element)
        if tag == "a" or traits & _TELLING:
            self._note(element, tag, traits)

    def _note(self, element: HtmlElement, tag: str, traits: int) -> None:
        href = element.get("href") if tag == "a" else None
        if href or ((traits & _TELLING or tag == "script") and may_hide(element)):
            self.outline.anchors.append(Anchor(element, href or "", len(self.outline.lines)))

    def _close(self, element: HtmlElement) -> None:
        if self._turned:
            self._turned.discard(element)
        if self._blocks and element is self._blocks[-1]:
            if self._pieces or len(self.outline.anchors) > self._first_anchor:
                self._end_line()
            self._blocks.pop()
            self.outline.span[element] = (self.outline.span[element][0], len(self.outline.lines))

    def _end_line(self) -> None:
        has_anchor = len(self.outline.anchors) > self._first_anchor
        if self._pieces:
            runs = joined(self._pieces)
            self._pieces.clear()
            self._length = 0
            text = squeeze("".join([run.text for run in runs]))
            if _WORD.search(text):
                self._add_line(text, runs)
                has_anchor = False
        if has_anchor:
            self._add_line("", ())
        self._first_anchor = len(self.outline.anchors)

    def _add_line(self, text: str, runs: tuple[Run, ...], *, image: bool = False) -> None:
        self.outline.work.spend(LINE + len(text) // CHARACTERS)
        block = self._blocks[-1]
        path = runs[0].path if runs else 0
        heading = next((HEADINGS[e.tag] for e in self._blocks[-3:][::-1] if e.tag in HEADINGS), 0)
        self.outline.lines.append(Line(len(self.outline.lines), text[:MAX_LINE], block, path, heading, runs, image))
