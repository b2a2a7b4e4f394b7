"""The parts of a sentence about an appointment: whose it is, who, and as what."""

import re
from dataclasses import dataclass

from enrichment.discovery.lexicon import fold
from enrichment.discovery.public_index import appointment_words as phrases
from enrichment.discovery.search_engines.companies import Company
from enrichment.discovery.titles import classify
from enrichment.discovery.website import role_text, sentences
from enrichment.discovery.website.names_on_page import BY_SHAPE, KNOWN, Reading, read

MAX_NAME_WORDS = 5
MAX_SKIPPED = 6  # words that describe somebody: "industry veteran Jane Doe"
MAX_TITLE_WORDS = 12

_WORD = re.compile(r"\S+")
_INTRODUCED = re.compile(r"^.*(?:\s[–—-]+\s|:\s|[\"“”„])", re.DOTALL)  # "LONDON, 6 October – "
_ASIDE = re.compile(r"(?:\s*\([^()]{0,80}\)|,[^,]{1,120},)\s*$")
_WHO = re.compile(r",?\s+(?:who|qui|die|der|che|que|today|now)\s*$|[\s,]+$", re.IGNORECASE)
_BOARD = re.compile(r"(?:advisory |supervisory )?board(?: of directors)?", re.IGNORECASE)
_FORM = re.compile(r"\b(?:GmbH|Ltd|Inc|LLC|AG|plc|SpA|BV|Limited)\b")
_REGION_WORDS = (
    "europe emea americas america asia apac africa germany france spain italy uk us usa canada north south east west "
    "international global worldwide northern southern eastern western central latin middle nordics benelux dach"
)
_REGIONS = frozenset(_REGION_WORDS.split())


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was read in a text, and where it stands there."""

    text: str
    start: int
    end: int


def is_own_subject(before: str, company: Company) -> bool:
    """Whether the subject of a verb that `before` ends at is the brand: by its name, as "we", or nobody said."""
    text = _calm(_INTRODUCED.sub("", before)).strip()
    if not text or phrases.WE.search(text):
        return True
    mentions = list(company.mentions(text))
    if any(is_plain(text[:start]) and is_plain(text[end:]) for start, end in mentions):
        return True
    return not mentions and phrases.COMPANY.search(text) is not None and is_plain(text)


def is_own_sentence(before: str, company: Company) -> bool:
    """Whether the text before a person names the brand, or at least no other organisation."""
    text = _calm(_INTRODUCED.sub("", before))
    return any(True for _ in company.mentions(text)) or is_plain(text)


def is_plain(text: str) -> bool:
    """Whether no word of a text can be the name of an organisation."""
    for word in re.sub(r"\([^()]{0,80}\)", " ", text).replace("’", "'").split():
        bare = word.strip(" ,.'\"–—-").removesuffix("'s")
        if bare[:1].isupper() and bare.casefold() not in phrases.PLAIN and not role_text.matches(fold(bare)):
            return False
    return True


def name_at_start(text: str) -> Found | None:
    """Return the person with whom a text begins, perhaps after words that describe them."""
    words = list(_WORD.finditer(text[:300]))
    for first in range(min(MAX_SKIPPED + 1, len(words))):
        found = _name(words[first : first + MAX_NAME_WORDS], KNOWN)
        if found is not None:
            return found
        if _ends_phrase(words[first].group()):
            break
    found = _name(words[:MAX_NAME_WORDS], BY_SHAPE)
    return found if found and phrases.AS.match(text, found.end + 1) else None


def name_at_end(text: str) -> Found | None:
    """Return the person with whom a text ends, perhaps before an aside."""
    bare = _WHO.sub("", _ASIDE.sub("", text.rstrip()))
    words = list(_WORD.finditer(bare[-200:]))
    offset = len(bare) - len(bare[-200:])
    for size in range(min(MAX_NAME_WORDS, len(words)), 1, -1):
        found = _exactly(words[-size:], KNOWN)
        if found is not None:
            return Found(found.text, found.start + offset, found.end + offset)
    return None


def title_at_start(text: str, company: Company, *, ours: bool) -> Found | None:
    """Return the title with which a text begins. `ours`: it is said already that the post is one at the brand.

    None for no title, and for a post elsewhere.
    """
    lead = phrases.LEAD.match(text)
    start = _past_brand(text, lead.end() if lead else 0, company)
    clause = re.split(r"[.;]\s", text[start:], maxsplit=1)[0]
    end = phrases.END.search(text, start)
    rest = _before_name(_before_brand(text[start : end.start() if end else None], company))
    if phrases.AWARD.search(clause) or phrases.AT.search(rest):
        return None
    title = _longest(_with_parts(rest))
    if not title or (not ours and _is_elsewhere(title)):
        return None
    stop = start + rest.find(title.split()[0]) + len(title)
    return Found("Board Director" if _BOARD.fullmatch(title) else title, start, stop)


def is_title(text: str) -> bool:
    """Whether a text is somebody's title, of one word even: "Vertriebsleiterin"."""
    strength = role_text.strength(text)
    ranks = classify(text).seniority not in {"unknown", "staff"}
    return strength == role_text.ROLE or (strength == role_text.DEPARTMENT and ranks)


def names_another(text: str, company: Company) -> bool:
    """Whether a clause says "of" or "at" something with a capital that is neither the brand nor a post."""
    own = {fold(word) for word in company.name.split()}
    for match in re.finditer(r"\b(?:of|at|from|bei|von|de|di|van)\s+(?:the\s+|la\s+)?([^\W\d_a-z][\w&.-]+)", text):
        word = fold(match[1].rstrip("."))
        if word not in own and word not in phrases.PLAIN and not role_text.matches(word):
            return True
    return False


def _name(words: list[re.Match[str]], least: float) -> Found | None:
    for size in range(len(words), 1, -1):
        found = _exactly(words[:size], least)
        if found is not None:
            return found
    return None


def _exactly(words: list[re.Match[str]], least: float) -> Found | None:
    """Return these words if they are a name and nothing else."""
    tokens = [word.group() for word in words]
    if any(map(_ends_phrase, tokens[:-1])) or any(token.casefold() in phrases.LINK_WORDS for token in tokens):
        return None
    name = re.sub(r"['’]s$", "", " ".join(tokens).rstrip(",;:."))
    reading = read(name)
    if reading is None or reading.single or not _is_likely(reading, least):
        return None
    end = words[-1].start() + len(tokens[-1].rstrip(",;:"))
    return Found(reading.text, words[0].start(), end)


def _is_likely(reading: Reading, least: float) -> bool:
    return reading.likelihood >= (BY_SHAPE if reading.honoured else least)


def _ends_phrase(word: str) -> bool:
    return word.endswith((",", ";", ":", "!", "?", ")"))


def _calm(text: str) -> str:
    """Lower the capitals of a headline's small words, which would pass for part of a name."""
    return _WORD.sub(lambda match: match[0].lower() if _is_small(match[0]) else match[0], text)


def _is_small(word: str) -> bool:
    return word.casefold() in phrases.PLAIN and not word.casefold().endswith((".", "ltd", "inc", "gmbh", "ag", "corp"))


def _past_brand(text: str, start: int, company: Company) -> int:
    """Skip "Acme's new" before a title."""
    rest = text[start:]
    if company.name and rest.casefold().startswith(company.name.casefold()):
        match = re.match(r"(?:['’]s?)?\s+", rest[len(company.name) :])
        if match:
            start += len(company.name) + match.end()
            lead = phrases.LEAD.match(text, start)
            return lead.end() if lead else start
    return start


def _before_brand(rest: str, company: Company) -> str:
    """Cut "of Acme" off."""
    for start, _end in company.mentions(rest):
        joint = phrases.OF.search(rest[:start])
        if joint:
            return rest[: joint.start()]
    return rest


def _before_name(rest: str) -> str:
    """Cut "and John Roe" off."""
    for joint in phrases.AND.finditer(rest):
        words = list(_WORD.finditer(rest[joint.end() :]))[:MAX_NAME_WORDS]
        if _name(words, KNOWN):
            return rest[: joint.start()]
    return rest


def _with_parts(rest: str) -> str:
    """Return what is before the first comma, and what follows it as long as it is part of the title."""
    first, *others = rest.split(",")
    for other in others:
        if role_text.strength(other.strip()) == role_text.NONE:
            break
        first = f"{first},{other}"
    return first


def _longest(rest: str) -> str:
    words = rest.split()[:MAX_TITLE_WORDS]
    for size in range(len(words), 0, -1):
        title = role_text.clean(" ".join(words[:size]))
        found = role_text.matches(fold(title))
        ends = bool(found) and (found[-1].end == len(fold(title)) or words[size - 1][:1].isupper())
        if ends and is_title(title):
            return title
    return ""


def _is_elsewhere(title: str) -> bool:
    """Whether a title names another company: "CEO of Beta", but not "Head of Growth" nor "President of Europe"."""
    if _FORM.search(title):
        return True
    employer = sentences.employer_in(title)
    return bool(employer) and employer not in _REGIONS and classify(title).seniority in {"founder", "c_level"}
