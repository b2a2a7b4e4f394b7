"""The lines of a page -> the names in them, each with the title that stands in the same line, if one does.

Running text is prose.py's; here a name is a line of its own, the bold beginning of one, or one part of a short line
("Jane Doe, CEO", "Chair: Jane Doe", "CEO Jane Doe").
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from enrichment.discovery.lexicon import fold
from enrichment.discovery.website import names_on_page, role_text, sentences
from enrichment.discovery.website.lines import Line, Outline
from enrichment.discovery.website.names_on_page import KNOWN, Reading, read

MAX_SHORT = 160  # characters of a line that can be nothing but name, title and telephone number
MAX_CANDIDATES = 2_000

_SEPARATOR = re.compile(r"\s*(?:[,;|·•()\[\]<>＜＞：]|\s[-/]\s|:(?=\s|$)|[–—]|(?<=\w)-\s|\s-(?=\w))\s*")
_ALT = re.compile(
    r"^(?:(?:profile |staff )?(?:photo|picture|image|portrait|headshot|foto|bild|avatar)(?: of| von| de| di)?[:\s]+)|(?:'s|’s) (?:avatar|photo|picture)$|\s+(?:photo|portrait|headshot|foto|bild|avatar|profile picture)$|\.(?:jpe?g|png|gif|webp)$",
    re.IGNORECASE,
)
_CONTACT_PART = re.compile(
    r"@|\bext\b|\d{3}|^\W*$|https?:|\bat\]|\bat\)|^(?:e-?mail|phone|tel|mobile|cell|fax|blog|website|linkedin|twitter|profile|bio|pgp)\b",
    re.IGNORECASE,
)
_LED_BY = re.compile(
    r"^(?:by|par|por|von|od|di|door|przez|posted by|written by|geschrieben von|photo(?:s)? by|credit|text|foto|fotos)\b",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"^\s*[-–—~]\s*\S")
_TITLE_END = re.compile(r"\.\s|\s(?:who|which|has|is|was|with over|brings|joined|mit über|qui|que|che)\s|!|;")
_LIST = re.compile(r"\s*(?:,|;|\s&\s|\s+(?:and|und|et|y|e|i|en|og|och)\s+)\s*")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text on the page that may be a person's name.

    `path` is shared by names marked up alike. `title` stands in the same line. `attributed` names follow a dash, as
    under a quotation. `image` names are a picture's alternative text.
    """

    line: int
    reading: Reading
    path: int
    block: HtmlElement
    title: str = ""
    attributed: bool = False
    image: bool = False
    whole: bool = False

    @property
    def likelihood(self) -> float:
        return self.reading.likelihood


def candidates(outline: Outline) -> list[Candidate]:
    """All candidates of a page in reading order, at most MAX_CANDIDATES."""
    found: list[Candidate] = []
    for line in outline.lines:
        if line.text:
            found += _of_image(line) if line.image else _of_line(line)
        if len(found) >= MAX_CANDIDATES:
            break
    return found


def _of_image(line: Line) -> list[Candidate]:
    text = _ALT.sub("", line.text).strip()
    parts = _parts(text) if len(text) <= MAX_SHORT else ()
    for reading, title in parts[:1]:
        if reading.likelihood >= KNOWN or title:
            return [Candidate(line.index, reading, -1, line.block, title, image=True)]
    return []


def _of_line(line: Line) -> list[Candidate]:
    attributed = _ATTRIBUTION.match(line.text) is not None
    if len(line.text) <= MAX_SHORT and not _LED_BY.match(line.text):
        whole = read(line.text)
        if whole:
            return [Candidate(line.index, whole, line.path, line.block, "", attributed, whole=True)]
        parts = _parts(line.text)
        if parts and (any(title for _reading, title in parts) or len(line.text) <= 80):
            return [
                Candidate(line.index, reading, line.path, line.block, title, attributed) for reading, title in parts
            ]
    return _of_runs(line) or _of_long_beginning(line)


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
        title = _title_before(before) or _title_after(after)
        if place == 0 or title:
            return [Candidate(line.index, reading, run.path, line.block, title)]
    return []


def _of_long_beginning(line: Line) -> list[Candidate]:
    """ "Jane Doe – founder of the firm, who …" and "Clinical Director, Jane Doe MSN, received …" """
    if len(line.text) <= 20:
        return []
    head = [part for part in _SEPARATOR.split(line.text[:MAX_SHORT])[:3] if part]
    if len(head) < 2:
        return []
    first = read(head[0])
    if first and not first.single:
        title = _title_after(line.text[len(head[0]) :])
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


@lru_cache(maxsize=4096)
def _parts(text: str) -> tuple[tuple[Reading, str], ...]:
    """The (name, title) pairs of a short line that holds nothing else of weight."""
    pieces = [piece for piece in _SEPARATOR.split(text) if piece]
    if not 1 <= len(pieces) <= 10:
        return ()
    if len(pieces) == 1:
        return _run_together(text)
    readings = [None if names_on_page.is_credential(piece) else read(piece) for piece in pieces]
    names = [place for place, reading in enumerate(readings) if reading and not reading.single]
    if not names:
        return _run_together(pieces[0]) or _listed(pieces[0], " ".join(pieces[1:])) or _after_label(pieces)
    if len(names) == 1 or _has_role(pieces[names[0] + 1 :]):
        return _with_titles(text, pieces, readings, names)
    before = role_text.clean(pieces[0]) if names[0] == 1 else ""
    others = [
        piece for place, piece in enumerate(pieces) if place not in names and not names_on_page.is_credential(piece)
    ]
    if len(others) <= (1 if before else 0):
        return tuple((reading, _role(before)) for reading in readings if reading and not reading.single)
    return ()


def _with_titles(
    text: str, pieces: list[str], readings: list[Reading | None], names: list[int]
) -> tuple[tuple[Reading, str], ...]:
    found: list[tuple[Reading, str]] = []
    # A later "name" that no title follows belongs to the title before it: "Vice President, Client Services".
    names = [
        place for place in names if place == names[0] or _is_person(readings[place], pieces[place + 1 : place + 3])
    ]
    for number, place in enumerate(names):
        reading = readings[place]
        end = names[number + 1] if number + 1 < len(names) else len(pieces)
        if reading is None or (place > 2 and not found):
            continue
        title = _joined(text, pieces[place], pieces[place + 1 : end])
        if not title and number == 0 and place:
            title = _role(role_text.clean(text[: text.find(pieces[place])]))
        if place and not title and not found:
            return ()
        found.append((reading, title))
    return tuple(found)


def _is_person(reading: Reading | None, following: list[str]) -> bool:
    return reading is not None and (reading.likelihood >= KNOWN or _has_role(following))


def _has_role(pieces: list[str]) -> bool:
    return any(role_text.strength(piece) == role_text.ROLE for piece in pieces)


def _joined(text: str, name: str, following: list[str]) -> str:
    """The title as printed after the name: up to a telephone number or the end."""
    title_parts: list[str] = []
    for piece in following:
        if _CONTACT_PART.search(piece):
            break
        if title_parts or not names_on_page.is_credential(piece):
            title_parts.append(piece)
    if not title_parts:
        return ""
    start = text.find(title_parts[0], text.find(name) + len(name))
    end = text.find(title_parts[-1], start) + len(title_parts[-1])
    return _role(role_text.clean(text[start:end])) or _role(role_text.clean(title_parts[0]))


def leading_title(text: str) -> str:
    """The title that a line is, up to an address or a telephone number; "" when it says other things."""
    whole = role_text.clean(text)
    if len(text) > MAX_SHORT or role_text.strength(whole):
        return whole if role_text.strength(whole) else ""
    contact = next(
        (match.start() for match in _SEPARATOR.finditer(text) if _CONTACT_PART.search(text[match.end() :][:40])), 0
    )
    return _role(role_text.clean(text[:contact]))


def _role(text: str) -> str:
    return text if role_text.strength(text) else ""


@lru_cache(maxsize=4096)
def _run_together(text: str) -> tuple[tuple[Reading, str], ...]:
    """ "CEO Jane Doe" or "Jane Doe CEO": title and name with nothing but a space between them."""
    tokens = text.split()
    if not 3 <= len(tokens) <= 12 or not role_text.matches(fold(text)):
        return _cjk_run_together(text)
    for count in range(1, len(tokens) - 1):
        name, title = read(" ".join(tokens[count:])), " ".join(tokens[:count])
        if name and _go_together(name, title):
            return ((name, role_text.clean(title)),)
    for count in range(min(4, len(tokens) - 1), 1, -1):
        name, title = read(" ".join(tokens[:count])), " ".join(tokens[count:])
        if name and not name.single and title[0] in "&+":
            return ()
        if name and _starts_as_role(title) and _go_together(name, title):
            return ((name, role_text.clean(title)),)
    return ()


def _go_together(name: Reading, title: str) -> bool:
    """Whether both are what they seem; the less the name is known, the surer the title must be."""
    if name.single or role_text.strength(title) != role_text.ROLE:
        return False
    return name.likelihood >= 0.6 or title.isupper() or (" " in title and _is_all_role(title))


def _is_all_role(title: str) -> bool:
    folded = fold(title)
    found = role_text.matches(folded)
    return found[0].start == 0 and found[-1].end == len(folded)


def _starts_as_role(text: str) -> bool:
    found = role_text.matches(fold(text))
    return bool(found) and found[0].start == 0


def _cjk_run_together(text: str) -> tuple[tuple[Reading, str], ...]:
    """ "代表取締役社長 山田 太郎": the title's own characters end where the name begins."""
    if not names_on_page.cjk_names.is_cjk(text):
        return ()
    found = role_text.matches(fold(text))
    if not found or len(text) > 40:
        return ()
    before, after = text[: found[0].start].strip(), text[found[-1].end :].strip()
    name = read(after) if found[0].start == 0 else read(before)
    if not name or (found[0].start and found[-1].end != len(text)):
        return ()
    title = text[: found[-1].end] if found[0].start == 0 else text[found[0].start :]
    return ((name, title.strip()),)


def _listed(head: str, tail: str) -> tuple[tuple[Reading, str], ...]:
    """ "Jane Doe and John Roe" as the whole line."""
    names = [read(part) for part in _LIST.split(head)]
    if tail or len(names) < 2 or not all(name and not name.single and name.likelihood >= 0.6 for name in names):
        return ()
    return tuple((name, "") for name in names if name)


def _after_label(pieces: list[str]) -> tuple[tuple[Reading, str], ...]:
    """ "Managing directors: Jane Doe and John Roe"."""
    if role_text.strength(pieces[0]) != role_text.ROLE or len(pieces) != 2:
        return ()
    return tuple((reading, role_text.clean(pieces[0])) for reading, _title in _listed(pieces[1], ""))


def _title_before(text: str) -> str:
    text = text.strip()
    return (
        _role(role_text.clean(text))
        if text[-1:] in {":", ",", "-", "–", "—", "|"} or role_text.strength(text) == role_text.ROLE
        else ""
    )


def _title_after(text: str) -> str:
    """The title right after a name in running text, up to where the sentence goes on."""
    match = _SEPARATOR.match(text)
    if not match:
        return sentences.title_after(text)
    rest = text[match.end() if match else 0 :][: role_text.MAX_TITLE + 60]
    end = _TITLE_END.search(rest)
    title = role_text.clean(rest[: end.start()] if end else rest)
    parts = [part for part in _SEPARATOR.split(title) if part]
    while parts and (names_on_page.is_credential(parts[0])):
        parts = parts[1:]
        title = role_text.clean(title.partition(",")[2])
    if role_text.strength(title):
        return title
    return _role(role_text.clean(parts[0])) if parts else ""
