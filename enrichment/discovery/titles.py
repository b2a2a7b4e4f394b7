"""Job titles: how senior, in which department, and is this somebody who decides?

The words and phrases of more than twenty languages stand in titles.csv. The rules here: the longest match wins; a
title of several levels has the highest; a level that belongs to somebody else ("adviser to the CEO", "the owner's
representative") does not count; the department is the first one named beside the level; somebody who assists a
person of rank has no rank; a role once held decides nothing, unless the title names another one held now.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from enrichment.discovery.lexicon import Lexicon, Match, Word, words_of
from enrichment.discovery.title_text import prepare
from enrichment.discovery.trade_names import is_trade

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
# Tables of titles.csv that one look-up reads together; the first has precedence.
_TOGETHER = {"rank": "seniority", "subject": "department"}


@dataclass(frozen=True, slots=True)
class Role:
    """What a title says. `seniority`: founder, c_level, board, partner, vp, director, head, manager, senior, staff or
    unknown. `department`: executive, marketing, partnerships, sales, communications, product, design, engineering,
    research, finance, hr, legal, operations, support, medical, education or other."""

    seniority: str
    department: str
    decision_maker: bool


_BREAK = re.compile(r"[,;/|•·\n()\[\]–—:]|\s-\s")
_OF_SOMEBODY = re.compile(r"\b(?:to|office of|reporting to)(?: (?:the|our))? $")  # adviser to the CEO
_GENITIVE = re.compile(r"^\s(?:des|der|du|de la|del|della|van de)\s$")  # Referent des Vorstands
_POSSESSIVE = re.compile(r"['’]s?\s\w")  # the owner's representative
_OF = re.compile(r"^\s(?:of|de|des|du|di|da|do|dos|del|della|der|van|von|for|für|für die)\s")
_MORE = re.compile(
    r"^\s(?!(?:and|und|et|y|e|i|og|och|of|at|in|for|the|emerit\w*|elect)\b)\w"
)  # "principal hydrologist"
_DEPUTY = re.compile(r"(?:vice|deputy|stellv\w*|stv|zam|2)\W+$")
_JOINED = re.compile(r"\b(?:and|und|et|y|e|i|og|och|ja|en)\s$")


@cache
def _lexicons() -> dict[str, Lexicon]:
    """Return the lexicons `seniority` and `department`, and one for each note."""
    terms: dict[str, list[tuple[str, str]]] = {}
    with WORDS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            table = row["value"] if row["table"] == "note" else _TOGETHER.get(row["table"], row["table"])
            terms.setdefault(table, []).extend((term.strip(), row["value"]) for term in row["terms"].split(","))
    return {table: Lexicon(pairs) for table, pairs in terms.items()}


@lru_cache(maxsize=4096)
def classify(title: str) -> Role:
    """Return the role that `title` names, in any of the languages of titles.csv.

    Never raises; a text that names no role is `Role("unknown", "other", False)`. Reads the first 300 characters.
    """
    text, degree = prepare(title[:MAX_LENGTH])
    tokens = words_of(text)
    if not tokens:
        return Role("unknown", "medical" if degree else "other", decision_maker=False)
    lexicons = _lexicons()
    levels = lexicons["seniority"].matches(text, tokens)
    departments = lexicons["department"].matches(text, tokens)
    if lexicons["serves"].matches(text, tokens):
        return Role("staff", "operations", decision_maker=False)
    held, former = _held_now(text, tokens, _own(text, levels, departments))
    top = _officer(text, min(held, key=_rank, default=None))
    seniority = top.value if top else ("staff" if departments or is_trade(tokens) else "unknown")
    department = _department(text, top, departments) or _alone(text, top, tokens, levels)
    if department is None:
        department = "medical" if degree else ALONE.get(seniority, "other")
    return Role(seniority, department, not former and _decides(seniority, department, text, tokens))


def _rank(match: Match) -> int:
    return RANKS.index(match.value)


def _own(text: str, levels: list[Match], departments: list[Match]) -> list[Match]:
    """Return the levels that the holder of the title has, rather than somebody whom it mentions."""
    own: list[Match] = []
    for index, match in enumerate(levels):
        before, after = text[: match.start], text[match.end :]
        word = text[match.start : match.end]
        previous = levels[index - 1] if index else None
        if match.value == "none" or _OF_SOMEBODY.search(before) or _POSSESSIVE.match(after):
            continue
        if previous and _serves(text, previous) and _GENITIVE.match(text[previous.end : match.start]):
            continue
        if word == "md" and any(item.value == "medical" for item in departments):
            continue  # the degree, not a managing director
        if word == "partner" and _belongs_to_partners(text, match, levels, departments):
            continue
        own.append(_principal(text, match, departments) if word == "principal" else match)
    return own


def _serves(text: str, match: Match) -> bool:
    """Whether a level is that of somebody who works for others; a member of the board is on it."""
    member = text[match.start : match.end].startswith(("memb", "miembro", "mitglied", "lid", "czlon"))
    return match.value == "staff" and not member


def _belongs_to_partners(text: str, match: Match, levels: list[Match], departments: list[Match]) -> bool:
    """Whether "partner" says with whom one deals: "Partner Solutions Architect", "Head of Partner Programs"."""
    after = text[match.end :]
    if not _MORE.match(after):
        return False
    left, right = _part(text, match)
    others = [level for level in levels if level is not match and left < level.start < right]
    named = any(item.start == match.end + 1 for item in departments)
    return (
        any(level.start > match.end for level in others)
        if named
        else any(
            level.start < match.start and level.value in LEADERS and _OF.match(text[level.end : match.start])
            for level in others
        )
    )


def _principal(text: str, match: Match, departments: list[Match]) -> Match:
    """A principal of a school heads it, a principal hydrologist is a senior one, a principal alone is a partner."""
    if any(item.value == "education" for item in departments):
        return Match(match.start, match.end, "head")
    return Match(match.start, match.end, "senior" if _MORE.match(text[match.end :]) else "partner")


def _held_now(text: str, tokens: list[Word], levels: list[Match]) -> tuple[list[Match], bool]:
    """Return the levels that count, and whether they are of the past: those held now count before those once held."""
    marks = _lexicons()["former"].matches(text, tokens)
    if not marks and "†" not in text:
        return levels, False
    past: set[Match] = set()
    for mark in marks:
        left, right = _part(text, mark)
        if _JOINED.search(text[: mark.start]):  # "founder and former CEO"
            left = mark.start
        past |= {match for match in levels if left < match.start < right}
    held = [match for match in levels if match not in past]
    return (held, False) if past and held else (levels, True)


def _officer(text: str, top: Match | None) -> Match | None:
    """A bare "chief" is of the C level as "chief … officer" alone; a chief engineer heads engineers."""
    if top is None or text[top.start : top.end] != "chief" or re.search(r"\bofficer\b", text):
        return top
    alone = text[top.start :].strip() == "chief" or text[top.end :].lstrip().startswith("executive")
    return top if alone else Match(top.start, top.end, "head")


def _part(text: str, match: Match) -> tuple[int, int]:
    """Return the offsets of the breaks (comma, bracket, dash …) around a match, -1 and the length if there is none."""
    breaks = [found.start() for found in _BREAK.finditer(text)]
    left = max((at for at in breaks if at < match.start), default=-1)
    return left, min((at for at in breaks if at >= match.end), default=len(text))


def _department(text: str, top: Match | None, departments: list[Match]) -> str | None:
    """Return the first department in the part of the title that names the level, else the first of all."""
    clear = [match for match in departments if match.value not in WEAK]
    if not clear:
        return WEAK[departments[0].value] if departments else None
    if top is None:
        return clear[0].value
    left, right = _part(text, top)
    beside = [match for match in clear if left < match.start < right]
    return (beside or clear)[0].value


def _alone(text: str, top: Match | None, tokens: list[Word], levels: list[Match]) -> str | None:
    """Return "other" for who directs or heads something that no table knows ("Funeral Director"), else None."""
    if top is None or top.value not in {"director", "head"}:
        return None
    left, right = _part(text, top)
    known = [*levels, *_lexicons()["scope"].matches(text, tokens)]
    strange = [
        token
        for token in tokens
        if left < token.start < right and not any(match.start <= token.start < match.end for match in known)
    ]
    named = any(token.end + 1 == top.start for token in strange)
    return "other" if named or (strange and _OF.match(text[top.end :])) else None


def _decides(seniority: str, department: str, text: str, tokens: list[Word]) -> bool:
    if seniority in LEADERS:
        return True
    if seniority == "board":
        chairs = _lexicons()["chair"].matches(text, tokens)
        return any(not _DEPUTY.search(text[: match.start]) for match in chairs)
    if seniority != "manager" or department not in RUNS_A_UNIT:
        return False
    return not _lexicons()["single_handed"].matches(text, tokens)
