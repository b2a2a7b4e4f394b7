"""Is this text a job title? What a title means is titles.py's question; its words are used here."""

import csv
import re
from functools import cache, lru_cache

from enrichment.discovery.lexicon import Lexicon, Match, fold, words_of
from enrichment.discovery.titles import WORDS
from enrichment.discovery.website import vocabulary

NONE, DEPARTMENT, ROLE = 0, 1, 2  # no title; the name of a function ("Accounting"); a role somebody has
MAX_TITLE = 120
MAX_WORDS = 16

# Words that stand in sentences, calls to action and menus, hardly ever in a title.
_SENTENCE = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "has",
        "have",
        "had",
        "will",
        "can",
        "our",
        "we",
        "you",
        "your",
        "i",
        "he",
        "she",
        "his",
    }
    | {
        "they",
        "them",
        "their",
        "my",
        "me",
        "this",
        "these",
        "please",
        "click",
        "contact",
        "read",
        "view",
        "learn",
        "more",
    }
    | {
        "about",
        "email",
        "send",
        "call",
        "meet",
        "join",
        "download",
        "see",
        "visit",
        "get",
        "login",
        "register",
        "search",
    }
    | {"ist", "sind", "war", "hat", "haben", "wir", "sie", "ihr", "ihre", "unser", "unsere", "mehr", "jetzt", "kontakt"}
    | {
        "est",
        "sont",
        "nous",
        "vous",
        "notre",
        "nos",
        "votre",
        "plus",
        "somos",
        "nuestro",
        "nuestra",
        "nuestros",
        "nosso",
    }
    | {
        "nossa",
        "sono",
        "siamo",
        "nostro",
        "nostra",
        "zijn",
        "onze",
        "meer",
        "jest",
        "nasz",
        "nasza",
        "vacancy",
        "vacancies",
    }
    | {
        "job",
        "jobs",
        "careers",
        "testimonials",
        "reviews",
        "hiring",
        "wanted",
        "copyright",
        "phone",
        "tel",
        "fax",
        "dear",
    }
    | {
        "her",
        "him",
        "received",
        "joined",
        "works",
        "worked",
        "brings",
        "holds",
        "earned",
        "graduated",
        "began",
        "started",
    }
    | {
        "years",
        "pioneer",
        "hi",
        "hello",
        "regards",
        "sincerely",
        "apply",
        "hire",
        "find",
        "need",
        "want",
        "how",
        "what",
        "why",
    }
    | {"thank", "thanks", "stellenangebote", "stellen", "offres", "vacatures", "news", "blog", "policy"}
)
_LINKING = frozenset(
    {"of", "the", "and", "for", "at", "in", "to", "a", "an", "und", "fur", "der", "die", "das", "des", "im", "am", "de"}
    | {
        "la",
        "le",
        "les",
        "du",
        "et",
        "en",
        "pour",
        "el",
        "los",
        "las",
        "y",
        "para",
        "e",
        "do",
        "da",
        "dos",
        "das",
        "di",
    }
    | {"del", "della", "dei", "per", "van", "het", "voor", "i", "ds", "na", "и", "по", "на", "за", "с"}
)
_GENERIC = frozenset(
    {
        "team",
        "teams",
        "staff",
        "member",
        "members",
        "contributor",
        "contributors",
        "employees",
        "mitarbeiter",
        "people",
        "equipe",
        "equipo",
    }
)
_DOER = re.compile(r"(?:[^aeiou](?:er|or)|ist|ian|eer|monger|smith|man|woman)s?$")
_NO_DOER = frozenset(
    {
        "customer",
        "career",
        "water",
        "computer",
        "center",
        "weather",
        "newsletter",
        "sector",
        "server",
        "vendor",
        "letter",
    }
    | {"number", "member", "chapter", "october", "november", "december", "september", "register", "folder", "border"}
    | {
        "summer",
        "winter",
        "dinner",
        "corner",
        "partner",
        "banner",
        "twitter",
        "poster",
        "offer",
        "order",
        "power",
        "paper",
    }
    | {"under", "after", "other", "over", "mirror", "floor", "motor", "error", "color", "indoor", "outdoor", "german"}
    | {"human", "woman", "urban", "asian", "european", "italian", "canadian", "indian", "russian", "christian", "list"}
    | {"exist", "assist", "resist", "consist", "pioneer", "career", "consumer", "shelter", "theater", "filter", "meter"}
)
_CONTACT = re.compile(r"@|https?:|www\.|\+\d|\d{3}[\s./-]?\d{2}|\bext\b", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:job )?(?:title|position|role|function|funktion|position|stelle|poste|fonction|cargo|puesto|función|função|ruolo|"
    r"qualifica|functie|stanowisko|funkcja|должность|длъжност|役職|职务|職務|職位)\s*[:：]\s*",
    re.IGNORECASE,
)
_EDGES = " \t,;:|·•–—-/*~«»\"“”„'()[]\u200b"
_LINK_WORDS = re.compile(
    r"\s(?:e-?mail|mail|v-?card|linkedin|kontakt|contact|profile?|bio|read more|more|mehr)$", re.IGNORECASE
)
_PRONOUNS = re.compile(r"\(\s*(?:she|he|they|sie|er|elle|il|ella|él)\s*/[^)]*\)", re.IGNORECASE)


@cache
def _lexicon() -> Lexicon:
    """The terms of titles.csv, each with the name of its table."""
    with WORDS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(line for line in file if not line.startswith("#")))
    return Lexicon(
        (term.strip(), row["table"])
        for table in ("seniority", "department")
        for row in rows
        if row["table"] == table and row["value"] != "none"
        for term in row["terms"].split(",")
    )


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
    words = [word.text for word in words_of(folded)]
    if not words or len(words) > MAX_WORDS or not _SENTENCE.isdisjoint(words):
        return NONE
    if text.endswith(".") and len(words) > 3:
        return NONE
    found = matches(folded)
    known = sum(match.end - match.start for match in found)
    known += sum(len(word) for word in words if word in _LINKING)
    share = known / sum(map(len, words))
    if share >= 0.34 and any(match.value == "seniority" or _names_doer(folded, match) for match in found):
        return ROLE
    if (found and share >= 0.5) or (len(words) <= 3 and is_doer(words[-1])):
        return DEPARTMENT
    return NONE


def is_sentence(text: str) -> bool:
    """Whether `text` has a word that stands in sentences and menus rather than in titles."""
    return not _SENTENCE.isdisjoint(word.text for word in words_of(fold(text)))


def clean(text: str) -> str:
    """A title as it is printed, without a label before it ("Position: …"), pronouns, link words and stray punctuation."""
    title = _PRONOUNS.sub("", _LABEL.sub("", text.strip(_EDGES)))
    title = _LINK_WORDS.sub("", title).strip(_EDGES)
    if title.count("(") > title.count(")"):
        title += ")"
    return title if title.count("(") == title.count(")") else title.replace(")", "")


def blocks_name(word: str) -> bool:
    """Whether the folded `word` is a title word that can be no part of a person's name ("director")."""
    return bool(_lexicon().phrases.get(word)) and word not in vocabulary.words("word_surnames")


def of_heading(heading: str) -> str:
    """The role that everybody under a heading has ("Senior Associates" -> "Senior Associate"), "" where it names none."""
    title = clean(heading)
    if strength(title) != ROLE or len(title.split()) > 4 or not _GENERIC.isdisjoint(fold(title).split()):
        return ""
    return singular(title)


def singular(heading: str) -> str:
    """The role of one, named for several: "Managing Directors" -> "Managing Director"."""
    words = heading.split()
    last = words[-1] if words else ""
    if last.endswith("s") and not last.endswith("ss") and _lexicon().phrases.get(fold(last[:-1])):
        words[-1] = last[:-1]
    return " ".join(words)


def _names_doer(folded: str, match: Match) -> bool:
    phrases = _lexicon().phrases
    return any(is_doer(word) or phrases.get(word) == "seniority" for word in folded[match.start : match.end].split())


def is_doer(word: str) -> bool:
    """Whether the folded `word` is formed like the name of a trade: "beekeeper", "florist"."""
    return len(word) > 4 and word not in _NO_DOER and _DOER.search(word) is not None
