"""Is this text a job title? What a title means is titles.py's question; its words are used here."""

import csv
import re
from functools import cache, lru_cache

from enrichment.discovery.lexicon import Lexicon, Match, fold, words_of
from enrichment.discovery.titles import WORDS
from enrichment.discovery.website.vocabulary import phrases, words

NONE, DEPARTMENT, ROLE = 0, 1, 2  # no title; the name of a function ("Accounting"); a role somebody has
MAX_TITLE = 120
MAX_WORDS = 16
SURE_BEGINNING = 8  # letters of a title word ("geschäftsführ*") that no surname begins with

# Words of a heading that names a group without saying what each one does.
_GENERIC = frozenset(
    {"team", "teams", "staff", "member", "members", "contributor", "contributors", "employees"}
    | {"mitarbeiter", "people", "equipe", "equipo"}
)
_DOER = re.compile(
    r"(?:(?:[^aeiou](?:er|or)|ist|ian|eer|monger|smith|man|woman)s?|ista|iste|[oó]log[oa]|logue|eur|euse|trice|tore|dora?|dore"
    r"|istka|ник|тель|ист|лог)$"
)
_CONTACT = re.compile(r"@|https?:|www\.|\+\d|\d{3}[\s./-]?\d{2}|\bext\b", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:job )?(?:title|position|role|function|funktion|stelle|poste|fonction|cargo|puesto|función|função|ruolo|"
    r"qualifica|functie|stanowisko|funkcja|должность|длъжност|役職|职务|職務|職位)\s*[:：]\s*",
    re.IGNORECASE,
)
_EDGES = " \t,;:|·•–—-/*~«»\"“”„'()[]\u200b"
_LINK_WORDS = re.compile(
    r"\s(?:e-?mail|mail|v-?card|linkedin|kontakt|contact|profile?|bio|read more|more|mehr)$", re.IGNORECASE
)
_OUR = re.compile(
    r"^(?:our|the|meet (?:our|the)|unsere?|nos|notre|nuestr[oa]s?|noss[oa]s?|i nostri|onze|våra|vores|våre)\s",
    re.IGNORECASE,
)
_LEADERS = " .…_"  # "President ........ Jane Doe"
_PRONOUNS = re.compile(r"\(\s*(?:she|he|they|sie|er|elle|il|ella|él)\s*/[^)]*\)", re.IGNORECASE)


@cache
def _lexicon() -> Lexicon:
    """The terms of titles.csv, each with the name of its table."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    terms = [
        (term.strip(), row["table"])
        for table in ("seniority", "department")
        for row in rows
        if row["table"] == table and row["value"] != "none"
        for term in row["terms"].split(",")
    ]
    return Lexicon([*terms, *((phrase, "seniority") for phrase in phrases("role_words"))])


@lru_cache(maxsize=8192)
def matches(text: str) -> tuple[Match, ...]:
    """The title words in the folded `text`: offsets, and `seniority` or `department` as value."""
    return tuple(_lexicon().matches(text, words_of(text)))


@lru_cache(maxsize=8192)
def strength(text: str) -> int:
    """NONE, DEPARTMENT or ROLE: how much `text` as a whole reads like somebody's job title."""
    if not 2 <= len(text) <= MAX_TITLE or text[-1] in "!?" or _CONTACT.search(text):
        return NONE
    folded = fold(text)
    tokens = [word.text for word in words_of(folded)]
    if not tokens or len(tokens) > MAX_WORDS or not words("sentence_words").isdisjoint(tokens):
        return NONE
    if text.endswith(".") and len(tokens) > 3:
        return NONE
    found = matches(folded)
    known = sum(match.end - match.start for match in found)
    known += sum(len(token) for token in tokens if token in words("linking_words"))
    share = known / sum(map(len, tokens))
    if share >= 0.34 and any(match.value == "seniority" or _names_doer(folded, match) for match in found):
        return ROLE
    if (found and share >= 0.5) or (len(tokens) <= 3 and (is_doer(tokens[-1]) or is_doer(tokens[0]))):
        return DEPARTMENT
    return NONE


def is_sentence(text: str) -> bool:
    """Whether `text` has a word that stands in sentences and menus rather than in titles."""
    return not words("sentence_words").isdisjoint(word.text for word in words_of(fold(text)))


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """A title as it is printed, without "Position:" before it, pronouns, link words and stray punctuation."""
    title = _PRONOUNS.sub("", _LABEL.sub("", text.strip(_EDGES)))
    title = _LINK_WORDS.sub("", title).strip(_EDGES)
    bare = title.rstrip(_LEADERS)
    if len(title) - len(bare) > 2:
        title = bare
    if title.count("(") > title.count(")"):
        title += ")"
    return title if title.count("(") == title.count(")") else title.replace(")", "")


def blocks_name(word: str) -> bool:
    """Whether the folded `word` is a title word that can be no part of a person's name ("director")."""
    if word in words("word_surnames"):
        return False
    lexicon = _lexicon()
    if lexicon.phrases.get(word) or lexicon.phrases.get(word.replace("-", " ")):
        return True
    return any(lexicon.starts.get(word[:size]) == "seniority" for size in range(SURE_BEGINNING, len(word) + 1))


@lru_cache(maxsize=2048)
def of_heading(heading: str) -> str:
    """The role that everybody under a heading has ("Senior Associates" -> "Senior Associate"), or ""."""
    title = _OUR.sub("", clean(heading))
    title = title[:1].upper() + title[1:]
    if len(title.split()) > 4 or not _GENERIC.isdisjoint(fold(title).split()):
        return ""
    one = singular(title)
    return one if strength(title) == ROLE or (one != title and fold(one) in words("trades")) else ""


def singular(heading: str) -> str:
    """The role of one, named for several: "Managing Directors" -> "Managing Director"."""
    parts = heading.split()
    last = parts[-1] if parts else ""
    if last.endswith("s") and not last.endswith("ss") and _lexicon().phrases.get(fold(last[:-1])):
        parts[-1] = last[:-1]
    return " ".join(parts)


def _names_doer(folded: str, match: Match) -> bool:
    phrases = _lexicon().phrases
    return any(is_doer(word) or phrases.get(word) == "seniority" for word in folded[match.start : match.end].split())


def is_doer(word: str) -> bool:
    """Whether the folded `word` is formed like the name of a trade: "beekeeper", "florist"."""
    if word in words("trades"):
        return True
    return len(word) > 4 and word not in words("no_trades") and _DOER.search(word) is not None
