"""Job titles: how senior, in which department, and is this somebody who decides?

The words and phrases of twenty languages stand in titles.csv. The rules here: the longest match wins; a
title of several levels has the highest; the department is the first one named beside that level; somebody who
assists a person of rank has no rank; a role once held decides nothing.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from enrichment.discovery.lexicon import Lexicon, Match, Word, fold, words_of

MAX_LENGTH = 300
WORDS = Path(__file__).with_name("titles.csv")

# From the top; a title of several levels has the highest.
RANKS = ("founder", "c_level", "partner", "vp", "director", "head", "board", "manager", "senior", "staff")
SENIORITIES = (*RANKS, "unknown")
DEPARTMENTS = (
    "executive", "marketing", "partnerships", "sales", "communications", "product", "design", "engineering",
    "research", "finance", "hr", "legal", "operations", "support", "medical", "education", "other",
)  # fmt: skip

LEADERS = frozenset({"founder", "c_level", "partner", "vp", "director", "head"})
# A manager decides about money where a unit is run, not where a craft is looked after.
RUNS_A_UNIT = frozenset({"executive", "marketing", "partnerships", "sales", "communications", "operations"})
# Departments that give way to any other that the title names.
WEAK = {"generic": "operations", "other": "other"}
# The department of a level that stands alone ("Founder", "Manager").
ALONE = {
    "founder": "executive",
    "c_level": "executive",
    "board": "executive",
    "partner": "executive",
    "vp": "executive",
    "director": "executive",
    "head": "executive",
    "manager": "operations",
}


@dataclass(frozen=True, slots=True)
class Role:
    """What a title says. `seniority`: founder, c_level, board, partner, vp, director, head, manager, senior, staff or
    unknown. `department`: executive, marketing, partnerships, sales, communications, product, design, engineering,
    research, finance, hr, legal, operations, support, medical, education or other."""

    seniority: str
    department: str
    decision_maker: bool


_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_DEGREE = re.compile(r"(?:^|[\s,;(])M\.\s?D\.(?=$|[\s,;)])")
_GENDER = re.compile(
    r"\(\s*(?:m|w|f|d|h|x|all genders)(?:\s*[/|]\s*(?:m|w|f|d|h|x|n))+\s*\)"  # (m/w/d)
    r"|[:*_/·](?:innen|in)\b"  # Leiter:in, Leiter*in
    r"|(?<=[^\W\d_])[(/·.](?:trice|rice|euse|ère|ne|se|e|a|as|o)\b\)?",  # directeur·rice, director(a), chargé.e
    re.IGNORECASE,
)
_INNER_CAPITAL = re.compile(r"(?<=[a-zäöüß])In(?:nen)?\b")  # GeschäftsführerIn
_EMPLOYER = re.compile(r"\s(?:@\s*|(?:at|bei|chez|hos|presso|bij)\s+(?=[A-Z0-9])).*", re.DOTALL)
_BREAK = re.compile(r"[,;/|•·\n()\[\]–—:]|\s-\s")


@cache
def _lexicons() -> dict[str, Lexicon]:
    """Return the lexicons `seniority` and `department`, and one for each note."""
    terms: dict[str, list[tuple[str, str]]] = {}
    with WORDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            table = row["value"] if row["table"] == "note" else row["table"]
            terms.setdefault(table, []).extend((term.strip(), row["value"]) for term in row["terms"].split(","))
    return {table: Lexicon(pairs) for table, pairs in terms.items()}


@lru_cache(maxsize=4096)
def classify(title: str) -> Role:
    """Return the role that `title` names, in any of the languages of titles.csv.

    Never raises; a text that names no role is `Role("unknown", "other", False)`. Reads the first 300 characters.
    """
    text, degree = _prepare(title[:MAX_LENGTH])
    tokens = words_of(text)
    if not tokens:
        return Role("unknown", "medical" if degree else "other", decision_maker=False)
    lexicons = _lexicons()
    levels = [match for match in lexicons["seniority"].matches(text, tokens) if match.value != "none"]
    departments = lexicons["department"].matches(text, tokens)
    if lexicons["serves"].matches(text, tokens):
        return Role("staff", "operations", decision_maker=False)
    top = min(levels, key=lambda match: RANKS.index(match.value), default=None)
    top = _officer(text, top)
    seniority = top.value if top else ("staff" if departments else "unknown")
    department = _department(text, top, departments) or ALONE.get(seniority) or ("medical" if degree else "other")
    former = bool(lexicons["former"].matches(text, tokens))
    return Role(seniority, department, not former and _decides(seniority, department, text, tokens))


def _prepare(title: str) -> tuple[str, bool]:
    """Return the folded title without gender forms and employer, and whether it carries a medical degree."""
    degree = bool(_DEGREE.search(title))
    text = _DOTTED.sub(lambda match: match.group().replace(".", ""), _DEGREE.sub(" ", title))
    text = _INNER_CAPITAL.sub("", _GENDER.sub("", text))
    text = _EMPLOYER.sub("", f" {text}")
    text = text.replace("&", " and ") if "R&D" not in text.upper() else re.sub(r"(?i)r\s?&\s?d", "r d", text)
    return fold(text).strip(), degree


def _officer(text: str, top: Match | None) -> Match | None:
    """A bare "chief" is of the C level as "chief … officer" alone; a chief engineer heads engineers."""
    if top is None or text[top.start : top.end] != "chief" or re.search(r"\bofficer\b", text):
        return top
    alone = text[top.start :].strip() == "chief" or text[top.end :].lstrip().startswith("executive")
    return top if alone else Match(top.start, top.end, "head")


def _department(text: str, top: Match | None, departments: list[Match]) -> str | None:
    """Return the first department in the part of the title that names the level, else the first of all."""
    clear = [match for match in departments if match.value not in WEAK]
    if not clear:
        return WEAK[departments[0].value] if departments else None
    if top is None:
        return clear[0].value
    breaks = [match.start() for match in _BREAK.finditer(text)]
    left = max((at for at in breaks if at < top.start), default=-1)
    right = min((at for at in breaks if at >= top.end), default=len(text))
    beside = [match for match in clear if left < match.start < right]
    return (beside or clear)[0].value


def _decides(seniority: str, department: str, text: str, tokens: list[Word]) -> bool:
    if seniority in LEADERS:
        return True
    if seniority == "board":
        return bool(_lexicons()["chair"].matches(text, tokens))
    if seniority != "manager" or department not in RUNS_A_UNIT:
        return False
    return not _lexicons()["single_handed"].matches(text, tokens)
