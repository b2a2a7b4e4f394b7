"""One line of text -> the names in it with the titles beside them: "Jane Doe, CEO", "Chair: Jane Doe" …"""

import re
from collections.abc import Iterator
from functools import lru_cache

from enrichment.discovery.lexicon import fold
from enrichment.discovery.website import cjk_names, name_words, role_text, sentences
from enrichment.discovery.website.names_on_page import KNOWN, Reading, read
from enrichment.discovery.website.section_words import names_staff

MAX_SHORT = 160  # characters of a line that can be nothing but name, title and telephone number
MAX_CJK = 40  # characters of a title and a name in Chinese, Japanese or Korean
MAX_HEAD = 5  # words of a title with which a sentence begins

Pair = tuple[Reading, str]  # a name, and the title beside it or ""

SEPARATOR = re.compile(r"\s*(?:[,;|·•()\[\]<>＜＞：]|\s[-/]\s|:(?=\s|$)|[–—]|(?<=\w)-\s|\s-(?=\w))\s*")
_CONTACT_PART = re.compile(
    r"@|\bext\b|\d{3}|^\W*$|https?:|\bat[\])]"
    r"|^(?:e-?mail|phone|tel|mobile|cell|fax|blog|website|linkedin|twitter|profile|bio|pgp)\b",
    re.IGNORECASE,
)
_TITLE_END = re.compile(r"\.\s|\s(?:who|which|has|is|was|with over|brings|joined|mit über|qui|que|che)\s|!|;")
_CONJUNCTION = re.compile(r"^(?:and|und|et|och|og)\s(?=[^\W\d_a-z])")  # "(tel. 123) and Jane Doe"
_ADDRESS = re.compile(r"(?<=\s)[\w.+-]{1,64}@")
_AT = re.compile(r"@|\bat\b", re.IGNORECASE)
_LIST = re.compile(r"\s*(?:,|;)\s*|\s+(?:&|and|und|et|y|e|i|en|og|och)\s+")


@lru_cache(maxsize=4096)
def pairs(text: str) -> tuple[Pair, ...]:
    """The (name, title) pairs of a short line that holds nothing else of weight."""
    pieces = list(_pieces(text))
    if not 1 <= len(pieces) <= 10:
        return ()
    if len(pieces) == 1:
        return _run_together(text)
    readings = [None if name_words.is_credential(piece) else read(piece) for piece in pieces]
    names = [place for place, reading in enumerate(readings) if reading and not reading.single]
    if not names:
        return _run_together(pieces[0]) or _listed(pieces[0], " ".join(pieces[1:])) or _after_label(pieces)
    if len(names) == 1 or _has_role(pieces[names[0] + 1 :]):
        return _with_titles(text, pieces, readings, names)
    before = role_text.clean(pieces[0]) if names[0] == 1 else ""
    rest = [piece for place, piece in enumerate(pieces) if place not in names]
    others = [piece for piece in rest if not name_words.is_credential(piece) and not _CONTACT_PART.search(piece)]
    if len(others) <= (1 if before else 0):
        return tuple((reading, _role(before)) for reading in readings if reading and not reading.single)
    return ()


def _pieces(text: str) -> Iterator[str]:
    """The parts of a line, with "Jane Doe and John Roe" taken apart and "DOE ROE, Jane" put together."""
    parts = [part for part in SEPARATOR.split(text) if part]
    if len(parts) > 1 and parts[0].isupper() and not text.isupper() and name_words.is_given(parts[1].split(".")[0]):
        given, _, rest = parts[1].partition(". ")
        parts[:2] = [f"{given} {parts[0]}", *([rest] if rest else [])]
    for part in (_CONJUNCTION.sub("", part) for part in parts):
        inner = _LIST.split(part)
        readings = [read(name) for name in inner] if len(inner) > 1 else []
        if readings and all(reading and reading.likelihood >= 0.6 and not reading.single for reading in readings):
            yield from inner
        else:
            yield part


def _with_titles(text: str, pieces: list[str], readings: list[Reading | None], names: list[int]) -> tuple[Pair, ...]:
    found: list[Pair] = []
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
        if place and not title and not found and not names_staff(pieces[0]) and not _has_contact(reading, text):
            return ()
        found.append((reading, title))
    return tuple(found)


def _has_contact(reading: Reading, text: str) -> bool:
    """Whether an address follows: "Moorings: Jane Doe, jane@example.org"."""
    return reading.likelihood >= KNOWN and _AT.search(text.partition(reading.text)[2]) is not None


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
        if title_parts or not name_words.is_credential(piece):
            title_parts.append(piece)
    if not title_parts:
        return ""
    start = text.find(title_parts[0], text.find(name) + len(name))
    end = text.find(title_parts[-1], start) + len(title_parts[-1])
    return _role(role_text.clean(text[start:end])) or _role(role_text.clean(title_parts[0]))


def leading_title(text: str) -> str:
    """The title that a line is, up to an address or a telephone number; "" when it says other things."""
    if len(text) > MAX_SHORT:
        return ""
    whole = role_text.clean(text)
    if role_text.strength(whole):
        return whole
    address = _ADDRESS.search(text)
    if address and (title := _role(role_text.clean(text[: address.start()]))):
        return "" if text[: address.start()].rstrip().endswith(":") else title
    contact = next(
        (match.start() for match in SEPARATOR.finditer(text) if _CONTACT_PART.search(text[match.end() :][:40])), 0
    )
    if text[contact : contact + 1] == ":":
        return ""  # "Web: webmaster@example.com" says whose mailbox it is
    return _role(role_text.clean(text[:contact])) or _head_title(text)


def _head_title(text: str) -> str:
    """The title that a sentence begins with: "Managing partner, looks after tax matters"."""
    match = SEPARATOR.search(text)
    head = role_text.clean(text[: match.start()]) if match and text[match.end() : match.end() + 1].islower() else ""
    return head if len(head.split()) <= MAX_HEAD and role_text.strength(head) == role_text.ROLE else ""


def _role(text: str) -> str:
    return text if role_text.strength(text) else ""


@lru_cache(maxsize=4096)
def _run_together(text: str) -> tuple[Pair, ...]:
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


def _cjk_run_together(text: str) -> tuple[Pair, ...]:
    """ "代表取締役社長 山田 太郎": the title's own characters end where the name begins."""
    if len(text) > MAX_CJK or not cjk_names.is_cjk(text):
        return ()
    head, _, tail = text.rpartition(" ")
    if head and cjk_names.is_korean_name(tail) and (name := read(tail)):
        return ((name, head),)
    found = role_text.matches(fold(text))
    if not found:
        return ()
    before, after = text[: found[0].start].strip(), text[found[-1].end :].strip()
    name = read(after) if found[0].start == 0 else read(before)
    if not name or (found[0].start and found[-1].end != len(text)):
        return ()
    title = text[: found[-1].end] if found[0].start == 0 else text[found[0].start :]
    return ((name, title.strip()),)


def _listed(head: str, tail: str) -> tuple[Pair, ...]:
    """ "Jane Doe and John Roe" as the whole line."""
    names = [read(part) for part in _LIST.split(head)]
    if tail or len(names) < 2 or not all(name and not name.single and name.likelihood >= 0.6 for name in names):
        return ()
    return tuple((name, "") for name in names if name)


def _after_label(pieces: list[str]) -> tuple[Pair, ...]:
    """ "Managing directors: Jane Doe and John Roe"."""
    if role_text.strength(pieces[0]) != role_text.ROLE or len(pieces) != 2:
        return ()
    return tuple((reading, role_text.clean(pieces[0])) for reading, _title in _listed(pieces[1], ""))


def title_before(text: str) -> str:
    text = text.strip()
    return (
        _role(role_text.clean(text))
        if text[-1:] in {":", ",", "-", "–", "—", "|"} or role_text.strength(text) == role_text.ROLE
        else ""
    )


def title_after(text: str) -> str:
    """The title right after a name in running text, up to where the sentence goes on."""
    match = SEPARATOR.match(text)
    if not match:
        return sentences.title_after(text)
    rest = text[match.end() if match else 0 :][: role_text.MAX_TITLE + 60]
    end = _TITLE_END.search(rest)
    title = role_text.clean(rest[: end.start()] if end else rest)
    parts = [part for part in SEPARATOR.split(title) if part]
    while parts and (name_words.is_credential(parts[0])):
        parts = parts[1:]
        title = role_text.clean(title.partition(",")[2])
    if role_text.strength(title):
        return title
    return _role(role_text.clean(parts[0])) if parts else ""
