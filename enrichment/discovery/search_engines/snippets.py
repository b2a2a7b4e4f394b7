"""The text under a search result: does it say that somebody works, or worked, at the brand?"""

import re
from dataclasses import dataclass

from enrichment.discovery.search_engines import statements
from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.search_engines.statements import FORMER
from enrichment.discovery.website import role_text

# From here on the text is about other people.
_OTHERS = re.compile(
    r"people also viewed|other similar profiles|similar profiles|others named|more activity by"
    r"|explore (?:more|collaborative)|liked by|gefällt |weitere aktivitäten"
    r"|andere (?:ähnliche )?(?:mitglieder|profile)|personen namens|autres personnes"
    r"|otras personas|otros perfiles|report this (?:post|profile)|comments?\b",
    re.IGNORECASE,
)
_WORK = (
    "experience|current|title|position|erfahrung|berufserfahrung|aktuell|expérience|poste|experiencia|experiência|esperienza|ervaring"
    "|doświadczenie|erfarenhet|erfaring|kokemus|zkušenosti|опыт работы|职业经历|工作经历|經歷|職歴|経歴|경력"
)
_NO_WORK = (
    "education|location|connections|skills|languages|interests|ausbildung|bildung|standort|ort|formation|éducation|lieu"
    "|educación|ubicación|formação|localidade|localização|formazione|località|opleiding|locatie|wykształcenie|lokalizacja"
    "|utbildning|plats|uddannelse|utdanning|学历|教育经历|學歷|学歴|학력"
)
_BEFORE = "past|previous|previously|früher|ehemals|précédent|anterior|precedente"
_LABEL = re.compile(rf"(?<!\w)(?:(?P<work>{_WORK})|(?P<other>{_NO_WORK})|(?P<before>{_BEFORE}))\s*[:：]\s*", re.I)
_BREAK = re.compile(r"[.!?]\s+|[;·•|…\n]|\s[-–—]\s|\.{3}|[。！？]")
_WORKED = re.compile(
    rf"{FORMER.pattern}|\b(?:worked|was|left|served|until|departed|war|arbeitete|bis \d{{4}}"
    rf"|a travaillé|a quitté|trabajó|trabalhou)\b",
    re.IGNORECASE,
)
_IS = re.compile(r"^.*\b(?:is|ist|est|as|als)\s+(?:(?:the|a|an|our|der|die|le|la)\s+)?", re.IGNORECASE)
MAX_CLAUSES = 60


@dataclass(frozen=True, slots=True)
class Mention:
    """What a snippet says. `company`: somebody works at the brand; `role` as what, "" if that is not said.

    `stated`: it says so outright ("Experience: Acme", "CEO at Acme"). `left`: the words saying that somebody left.
    """

    company: bool = False
    role: str = ""
    stated: bool = False
    left: str = ""


def read(snippet: str, company: Company) -> Mention:
    """Read a snippet. Where one clause says that somebody is there and another that they left, they are there."""
    found = Mention()
    for clause, label in _clauses(snippet):
        spans = list(company.mentions(clause))
        if not spans:
            continue
        statement = statements.read(clause, company)
        if label == "before" or statement.former or _WORKED.search(clause[: spans[0][0]]):
            found = found if found.company or found.left else Mention(left=clause)
            continue
        role = _IS.sub("", statement.role) if statement.company else ""
        role = role if role_text.strength(role) == role_text.ROLE else ""
        stated = bool(role) or label == "work"
        if not found.company or (stated, bool(role)) > (found.stated, bool(found.role)):
            found = Mention(company=True, role=role, stated=stated)
    return found


def _clauses(snippet: str) -> list[tuple[str, str]]:
    """Return the clauses about the person's work, each with the kind of its label: work, before or ""."""
    others = _OTHERS.search(snippet)
    text = snippet[: others.start()] if others else snippet
    clauses: list[tuple[str, str]] = []
    label, start = "", 0
    for match in [*_LABEL.finditer(text), None]:
        part = text[start : match.start() if match else len(text)]
        if label != "other":
            # A label is good for the clause right behind it only.
            pieces = [piece.strip() for piece in _BREAK.split(part)]
            clauses += [(piece, label if not place else "") for place, piece in enumerate(pieces) if piece]
        else:
            rest = _BREAK.split(part, maxsplit=1)[1:]
            clauses += [(piece.strip(), "") for text_ in rest for piece in _BREAK.split(text_) if piece.strip()]
        if match:
            label, start = str(match.lastgroup), match.end()
    return clauses[:MAX_CLAUSES]
