"""A page as the lines a reader sees, in reading order, each with its place in the markup.

Everything that looks for people works on these lines. The tree is walked once, without recursion.
"""

import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from enrichment.discovery.website.pages import Page, is_unseen, squeeze

MAX_LINES = 20_000
MAX_LINE = 2_000  # characters; a name or a title stands in the beginning or nowhere
MAX_ELEMENTS = 60_000

HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BREAKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "li"}
    | {"main", "menu", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead"}
    | {"tr", "ul", *HEADINGS}
)
_WORD = re.compile(r"\w")
_CHANGING_CLASS = re.compile(r"\d|^(?:first|last|odd|even|active|left|right|alpha|omega|alt)$")


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that stands in one inline element; `path` as in Line."""

    text: str
    element: HtmlElement
    path: int


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class Anchor:
    """An element that may carry an address or a profile: `<a href>` or Cloudflare's `data-cfemail`."""

    element: HtmlElement
    href: str
    line: int


@dataclass(slots=True)
class Outline:
    """All lines of a page. `span[element]` is the half-open range of line indexes inside a block element."""

    lines: list[Line] = field(default_factory=list)
    span: dict[HtmlElement, tuple[int, int]] = field(default_factory=dict)
    anchors: list[Anchor] = field(default_factory=list)


def outline(page: Page) -> Outline:
    """Walk the page once. Work is capped: what follows MAX_ELEMENTS elements or MAX_LINES lines is not read."""
    walk = _Walk()
    for element in page.root.iterchildren("body", "frameset"):
        walk.run(element)
    return walk.outline


class _Walk:
    def __init__(self) -> None:
        self.outline = Outline()
        self._pieces: list[Run] = []
        self._blocks: list[HtmlElement] = []
        self._first_anchor = 0
        self._numbers: dict[tuple[int, str], int] = {}
        self._elements = 0

    def run(self, root: HtmlElement) -> None:
        # What is still to come, nearest last: an element to open or to close (chain of its parent), or text in it.
        stack: list[tuple[str, HtmlElement, int, str]] = [("open", root, 0, "")]
        while stack:
            step, element, chain, text = stack.pop()
            if step == "text":
                self._pieces.append(Run(text, element, self._styled(chain, element)))
            elif step == "close":
                self._close(element)
            elif self._has_room() and not is_unseen(element):
                chain = self._number(chain, element.tag)
                self._open(element)
                stack.append(("close", element, chain, ""))
                for child in reversed(element):
                    if child.tail:
                        stack.append(("text", element, chain, child.tail))
                    stack.append(("open", child, chain, ""))
                if element.text:
                    stack.append(("text", element, chain, element.text))

    def _has_room(self) -> bool:
        self._elements += 1
        return self._elements <= MAX_ELEMENTS and len(self.outline.lines) < MAX_LINES

    def _number(self, parent: int, key: str) -> int:
        return self._numbers.setdefault((parent, key), len(self._numbers) + 1)

    def _styled(self, chain: int, element: HtmlElement) -> int:
        classes = element.get("class")
        if not classes:
            return chain
        names = sorted(name for name in classes.split() if not _CHANGING_CLASS.search(name))
        return self._number(chain, "." + ".".join(names)) if names else chain

    def _open(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag in _BREAKS:
            self._end_line()
            self._blocks.append(element)
            self.outline.span[element] = (len(self.outline.lines), -1)
        elif tag == "br":
            self._end_line()
        elif tag == "img" and (alt := squeeze(element.get("alt") or "")):
            self._end_line()
            self._add_line(alt, (), image=True)
        href = element.get("href") if tag == "a" else None
        if href or element.get("data-cfemail"):
            self.outline.anchors.append(Anchor(element, href or "", len(self.outline.lines)))

    def _close(self, element: HtmlElement) -> None:
        if element.tag in _BREAKS:
            self._end_line()
            self._blocks.pop()
            self.outline.span[element] = (self.outline.span[element][0], len(self.outline.lines))

    def _end_line(self) -> None:
        runs = tuple(_joined(self._pieces))
        self._pieces.clear()
        text = squeeze("".join(run.text for run in runs))
        if _WORD.search(text):
            self._add_line(text, runs)
        elif self.outline.anchors[self._first_anchor :]:
            self._add_line("", ())
        self._first_anchor = len(self.outline.anchors)

    def _add_line(self, text: str, runs: tuple[Run, ...], *, image: bool = False) -> None:
        block = self._blocks[-1]
        path = runs[0].path if runs else 0
        heading = next((HEADINGS[e.tag] for e in reversed(self._blocks[-3:]) if e.tag in HEADINGS), 0)
        self.outline.lines.append(Line(len(self.outline.lines), text[:MAX_LINE], block, path, heading, runs, image))


def _joined(pieces: list[Run]) -> list[Run]:
    """Neighbouring pieces of one element as one run, blank ones left out.

    Site builders put name and title into neighbouring inline elements with no space between; a reader sees two words.
    """
    runs: list[Run] = []
    for piece in pieces:
        before = runs[-1] if runs else None
        if before is not None and before.element is piece.element:
            runs[-1] = Run(before.text + piece.text, before.element, before.path)
        elif before is not None and not piece.text.strip():
            runs[-1] = Run(before.text + " ", before.element, before.path)
        elif piece.text.strip():
            glued = (
                before is not None and before.text[-1:].islower() and piece.text[:1].isupper() and len(piece.text) > 2
            )
            runs.append(Run(" " + piece.text if glued else piece.text, piece.element, piece.path))
    return runs
