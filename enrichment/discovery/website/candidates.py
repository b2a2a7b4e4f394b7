"""The lines of a page -> the names in them, each with the title that stands in the same line, if one does.

Running text is prose.py's; here a name is a line of its own, the bold beginning of one, or one part of a short line
("Jane Doe, CEO", "Chair: Jane Doe", "CEO Jane Doe").
"""

import re
from dataclasses import dataclass, replace

from lxml.html import HtmlElement

from enrichment.discovery.website import cjk_names, role_text
from enrichment.discovery.website.line_parts import MAX_SHORT, SEPARATOR, pairs, title_after, title_before
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.name_columns import pairs_of_cells
from enrichment.discovery.website.names_on_page import KNOWN, Reading, read
from enrichment.discovery.website.runs import Run
from enrichment.discovery.website.section_words import names_staff
from enrichment.discovery.website.work import CANDIDATE, CHARACTERS, LINE

MAX_CANDIDATES = 2_000
SINGLE = 0.7  # the likelihood of a given name that stands alone

_ALT = re.compile(
    r"^(?:(?:profile |staff )?(?:photo|picture|image|portrait|headshot|foto|bild|avatar)(?: of| von| de| di)?[:\s]+)"
    r"|(?:'s|’s) (?:avatar|photo|picture)$|\s+(?:photo|portrait|headshot|foto|bild|avatar|profile picture)$"
    r"|\.(?:jpe?g|png|gif|webp)$",
    re.IGNORECASE,
)
_LED_BY = re.compile(
    r"^(?:by|par|por|von|od|di|door|przez|posted by|written by|geschrieben von|photos? by|credit|text|fotos?)\b",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"^\s*[-–—~]\s*\S")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text on the page that may be a person's name.

    `path` is shared by names marked up alike. `title` stands in the same line. `attributed` names follow a dash, as
    under a quotation. `image` names are a picture's alternative text. `whole` names are all of their line, `broken`
    ones of two lines.
    """

    line: int
    reading: Reading
    path: int
    block: HtmlElement
    title: str = ""
    attributed: bool = False
    image: bool = False
    whole: bool = False
    broken: bool = False

    @property
    def after(self) -> int:
        """The line after the name."""
        return self.line + 2 if self.broken else self.line + 1

    @property
    def likelihood(self) -> float:
        return self.reading.likelihood


def candidates(outline: Outline) -> list[Candidate]:
    """All candidates of a page in reading order, at most MAX_CANDIDATES."""
    found: list[Candidate] = []
    in_columns = _of_columns(outline)
    keep = outline.work.left // 2  # for what reads running text and legal notices
    for line in outline.lines:
        before = len(found)
        if found and found[-1].line < line.index < found[-1].after:
            continue  # the second half of a name
        if line.index in in_columns:
            found += in_columns[line.index]
        elif line.text:
            found += _of_image(line) if line.image else _of_broken(outline, line) or _of_line(line)
        cost = CANDIDATE * (len(found) - before) + LINE + len(line.text) // CHARACTERS
        if cjk_names.is_cjk(line.text):
            cost += len(line.text)  # every character may begin a word
        if len(found) >= MAX_CANDIDATES or not outline.work.spend(cost, keep):
            outline.work.cut = True
            break
    return [candidate for candidate in found if _is_likely(candidate)]


def _is_likely(candidate: Candidate) -> bool:
    """Whether it is no heading ("Órgãos Sociais"), and a single name only where it is a given name."""
    if candidate.reading.single:
        return candidate.likelihood >= SINGLE
    return candidate.likelihood >= KNOWN or not names_staff(candidate.reading.text)


def _of_columns(outline: Outline) -> dict[int, list[Candidate]]:
    """The names that a table prints in two columns, by line; nothing for the line of their second half."""
    found: dict[int, list[Candidate]] = {}
    for line, following, name in pairs_of_cells(outline):
        reading = read(name)
        if reading and not reading.single:
            sure = replace(reading, likelihood=max(reading.likelihood, KNOWN))
            found[line.index] = [Candidate(line.index, sure, line.path, line.block, whole=True, broken=True)]
            found[following.index] = []
    return found


def _of_broken(outline: Outline, line: Line) -> list[Candidate]:
    """A name that breaks over two lines of one block: "Jane<br>Doe"."""
    following = outline.lines[line.index + 1] if line.index + 1 < len(outline.lines) else line
    if following is line or following.block is not line.block or " " in line.text or " " in following.text:
        return []
    whole = read(f"{line.text} {following.text}")
    if not whole or whole.likelihood < KNOWN:
        return []
    return [Candidate(line.index, whole, line.path, line.block, whole=True, broken=True)]


def _of_image(line: Line) -> list[Candidate]:
    text = _ALT.sub("", line.text).strip()
    parts = pairs(text) if len(text) <= MAX_SHORT else ()
    for reading, title in parts[:1]:
        if reading.likelihood >= KNOWN or title:
            return [Candidate(line.index, reading, -1, line.block, title, image=True)]
    return []


def _of_line(line: Line) -> list[Candidate]:
    attributed = _ATTRIBUTION.match(line.text) is not None
    if len(line.text) <= MAX_SHORT and not _LED_BY.match(line.text):
        whole = read(line.text)
        if whole and not _is_set_apart(line):
            return [Candidate(line.index, whole, line.path, line.block, "", attributed, whole=True)]
        parts = pairs(line.text)
        if parts and (any(title for _reading, title in parts) or len(line.text) <= 80):
            return [
                Candidate(line.index, reading, line.path, line.block, title, attributed) for reading, title in parts
            ]
    return _of_runs(line) or _of_long_beginning(line)


def _is_set_apart(line: Line) -> bool:
    """Whether the line goes on after a name in an element of its own with a title: "<b>Jane Doe</b> Dean"."""
    first = read(line.runs[0].text) if len(line.runs) > 1 else None
    return first is not None and not first.single and bool(_next_title(line.runs[1:]))


def _next_title(runs: tuple[Run, ...]) -> str:
    """The title that stands in the next element, with nothing but a space before it."""
    title = role_text.clean(runs[0].text) if runs else ""
    return title if role_text.strength(title) == role_text.ROLE else ""


def _of_runs(line: Line) -> list[Candidate]:
    """A name in an element of its own at the beginning of the line: bold, a link, a span."""
    for place, run in enumerate(line.runs[:3] if len(line.runs) > 1 else ()):
        reading = read(run.text)
        if not reading or (reading.single and place):
            continue
        before = "".join(other.text for other in line.runs[:place])
        after = "".join(other.text for other in line.runs[place + 1 :])
        if _LED_BY.match(before.strip()):
            return []
        title = title_before(before) or title_after(after) or _next_title(line.runs[place + 1 :])
        if place == 0 or title:
            return [Candidate(line.index, reading, run.path, line.block, title)]
    return []


def _of_long_beginning(line: Line) -> list[Candidate]:
    """ "Jane Doe – founder of the firm, who …" and "Clinical Director, Jane Doe MSN, received …" """
    if len(line.text) <= 20:
        return []
    head = [part for part in SEPARATOR.split(line.text[:MAX_SHORT], maxsplit=4)[:3] if part]
    if len(head) < 2:
        return []
    first = read(head[0])
    if first and not first.single:
        title = title_after(line.text[len(head[0]) :])
        return [Candidate(line.index, first, line.path, line.block, title)] if title else []
    second = _beginning(head[1])
    if second and second.likelihood > 0.4 and role_text.strength(role_text.clean(head[0])) == role_text.ROLE:
        return [Candidate(line.index, second, line.path, line.block, role_text.clean(head[0]))]
    return []


def _beginning(text: str) -> Reading | None:
    """The longest name at the beginning of running text: of "Jane C. Doe MSN received her …" the first four words."""
    tokens = text.split()[:6]
    for count in range(len(tokens), 1, -1):
        reading = read(" ".join(tokens[:count]))
        if reading and not reading.single:
            return reading
    return None
