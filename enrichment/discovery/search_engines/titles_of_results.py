"""The title of a result that leads to a LinkedIn profile: "Jane Doe - CEO - Acme | LinkedIn" and its variants."""

import re
import unicodedata
from dataclasses import dataclass

from enrichment.discovery.search_engines import statements
from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.search_engines.statements import FORMER, Statement
from enrichment.discovery.website import name_order, names_on_page, role_text
from enrichment.discovery.website.name_words import is_particle

_SITE = r"(?:linkedin|领英|領英|リンクトイン|링크드인)"
_TAIL = re.compile(
    rf"(?:\s*[|｜·•:]\s*|\s+[-–—]\s*){_SITE}(?:\s+[^\W\d_]+){{0,2}}\s*(?:\.{{3}}|…)?$",
    re.IGNORECASE,
)
_CUT_TAIL = re.compile(r"(?:\s*[|｜]\s*|\s+[-–—]\s+(?=L))(?:L[inkedI]{0,7})?\s*(?:\.{3}|…)$")
_CUT = re.compile(r"\s*(?:\.{2,}|…)$")
_DASH = re.compile(r"\s+[-‐‑‒–—―−]+\s+|\s*[—―]\s*")
_BAR = re.compile(r"\s*[|｜•·]\s*|\s+::\s+")
_DEGREE = re.compile(r"(?<=\w)\s+[A-Z]{2,4}$")  # "Jane Doe MD", where MD may be taken for a title
_UNREAD = re.compile(r"^\(\d+\+?\)\s*")  # "(3) Jane Doe | LinkedIn"
_NOBODY = re.compile(
    r"^\d[\d,.]*\+?\s|[\"“”»]\s*profiles?\b|['’]s (?:post|activity)\b"
    r"|\b(?:on|auf|sur|en|su|op|no|på|na) linkedin\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands between two separators. `cut`: its end is missing."""

    text: str
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """What a title says. `role` is "" if it names none; `role_cut`: its end is missing. `company`: it names the brand.

    `left`: the words that say that somebody left the brand. `elsewhere`: it names another employer, and not the brand.
    """

    role: str = ""
    role_cut: bool = False
    company: bool = False
    left: str = ""
    elsewhere: bool = False


def pieces(title: str) -> list[Piece]:
    """Return the pieces of a title without the site's name; the first should be a person's. Empty for other pages."""
    text = _UNREAD.sub("", " ".join(title.split()))
    if _NOBODY.search(_TAIL.sub("", text)):
        return []
    text = _CUT_TAIL.sub("", _TAIL.sub("", text))
    found = [piece for segment in _DASH.split(text) for piece in _BAR.split(segment)]
    return [
        Piece(bare, cut=bare != piece)
        for piece in (raw.strip(" ,;") for raw in found)
        if (bare := _CUT.sub("", piece).strip())
    ]


def read_name(text: str) -> tuple[str, str] | None:
    """Return (first name, last name), None for anything but one person's full name.

    Degrees, pronouns and emoji around it are left out; a name in small letters or capitals is written as names are.
    """
    text = "".join(" " if unicodedata.category(char)[0] in "SC" and char not in "`" else char for char in text)
    text = " ".join(text.split())
    if text.islower():
        text = " ".join(word if is_particle(word) else word.title() for word in text.split())
    for candidate in dict.fromkeys((text, text.partition(",")[0], _DEGREE.sub("", text))):
        reading = names_on_page.read(candidate)
        if reading and not reading.single:
            return name_order.split(reading.text)
    return _in_caseless_script(text.partition(",")[0])


def _in_caseless_script(text: str) -> tuple[str, str] | None:
    """Read a name in Arabic, Hebrew, Devanagari …, which have no capitals to know a name by."""
    words = text.split()
    letters = [char for char in text if char.isalpha()]
    if not 2 <= len(words) <= 4 or not letters or any(char.upper() != char.lower() for char in letters):
        return None
    if any(char.isdigit() for char in text) or role_text.strength(text) or any(char >= "\u2e80" for char in letters):
        return None
    return words[0], " ".join(words[1:])


def claim(parts: list[Piece], company: Company) -> Claim:
    """Return what the pieces behind the name say about somebody's work at the brand."""
    said = [(part, statements.read(part.text, company, cut=part.cut)) for part in parts]
    at_brand = [(part, statement) for part, statement in said if statement.company]
    current = [(part, statement) for part, statement in at_brand if not statement.former]
    if at_brand and not current:
        return Claim(role=at_brand[0][1].role, company=True, left=at_brand[0][0].text)
    for _part, statement in current:
        if statement.role:
            return Claim(role=statement.role, company=True)
    role, cut, left = _role([(part, statement) for part, statement in said if not statement.company])
    if current:
        return Claim(role=role or left, role_cut=cut, company=True, left=left if left and not role else "")
    return Claim(role=role, role_cut=cut, elsewhere=_elsewhere(said))


def _role(said: list[tuple[Piece, Statement]]) -> tuple[str, bool, str]:
    """Return the first role held now and whether it is cut, else the first one held before."""
    before = ""
    for part, statement in said:
        if statement.elsewhere:
            continue
        texts = statement.role.split(",") if statement.former else [statement.role]
        for text in map(str.strip, texts):
            marker = FORMER.match(text)
            if not marker and statements.is_role(text):
                return text, part.cut and part.text.endswith(text), ""
            if marker and statements.is_role(text[marker.end() :]):
                before = before or text
    return "", False, before


def _elsewhere(said: list[tuple[Piece, Statement]]) -> bool:
    """Whether pieces that do not name the brand name another employer: what comes last and is no role is one."""
    if any(statement.elsewhere for _part, statement in said):
        return True
    last = said[-1] if said else None
    return last is not None and not last[0].cut and not statements.is_role(last[1].role)
