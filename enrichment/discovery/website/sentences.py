"""Titles in running text, before and after a name: "our founder Jane Doe", "Jane Doe is the head of sales at …"."""

import re

from enrichment.discovery.lexicon import fold
from enrichment.discovery.website import role_text
from enrichment.discovery.website.role_text import ROLE

_ARTICLE = (
    r"(?:(?:(?:the|a|an|our|currently|now|both|also|der|die|das|unser|unsere|ein|eine|le|la|les|un|une|notre|el|los|nuestro|nuestra"
    r"|o|os|as|nosso|nossa|um|uma|il|lo|gli|nostro|nostra|de|het|een|onze|nasz|nasza)\b\s?|l['’]\s?)){0,3}"
)
_LINK = re.compile(
    r"\s?(?:,|\(|–|—|\s-\s|\b(?:is|serves as|works as|acts as|joined (?:us|the company) as|ist|arbeitet als|est|es|è|é"
    r"|jest|är|является)\b)\s?" + _ARTICLE,
    re.IGNORECASE,
)
_STOP = re.compile(
    r"[.!?;:,()]|\s[–—-]\s|\b(?:who|which|with|at|since|where|whose|dual|has|qui|que|welche|mit|seit|bei|chez)\b"
)
_EMPLOYER = re.compile(
    r"\s?[,(]?\s?(?:@|\b(?:of|at|for|from|with|bei|von|der|chez|de|du|del|da|di|presso|bij|van)\s)(?:the\s|la\s|l['’])?([^\W\d_a-z][\w&.-]+)"
)
_ELIDED = re.compile(r"^(?:[ld]|dell|all|un)['’](?=\w)", re.IGNORECASE)
_INDEFINITE = frozenset({"a", "an", "ein", "eine", "einen", "einem", "einer", "un", "une", "una", "um", "uma", "een"})
MAX_WORDS = 10


def title_after(text: str) -> str:
    """The title with which the text after a name goes on, "" when it goes on otherwise."""
    link = _LINK.match(text)
    if not link:
        return ""
    rest = text[link.end() :]
    stop = _STOP.search(rest)
    words = (rest[: stop.start()] if stop else rest).split()[:MAX_WORDS]
    for size in range(len(words), 0, -1):
        candidate = role_text.clean(" ".join(words[:size]))
        if role_text.strength(candidate) == ROLE and _ends_well(candidate):
            return candidate
    return ""


def title_before(text: str) -> str:
    """The title that ends where a name begins: "… our project manager", "Owner and designer:"."""
    words = [_ELIDED.sub("", word) for word in text.rstrip(" ,:").split()[-6:]]
    # No title holds an indefinite article: it begins after the last one.
    start = max((place + 1 for place, word in enumerate(words) if word.lower() in _INDEFINITE), default=0)
    for size in range(len(words) - start, 0, -1):
        candidate = role_text.clean(" ".join(words[-size:]))
        folded = fold(candidate)
        found = role_text.matches(folded)
        ends = found and (found[-1].end == len(folded) or role_text.is_doer(folded.split()[-1]))
        if ends and found[0].start == 0 and role_text.strength(candidate) == ROLE:
            return candidate
    return ""


def employer_after(text: str, title: str) -> str:
    """The first word of the organisation that follows `title` in `text` ("… manager at Acme Ltd"), folded; or ""."""
    at = text.find(title)
    match = _EMPLOYER.match(text, at + len(title)) if title and at >= 0 else None
    return fold(match.group(1)) if match else ""


def employer_in(title: str) -> str:
    """The organisation that `title` itself names ("editor of Another Magazine"), folded; "" for "head of Marketing"."""
    for match in _EMPLOYER.finditer(title):
        word = fold(match.group(1))
        if not role_text.matches(word):
            return word
    return ""


def _ends_well(candidate: str) -> bool:
    """Whether a title that was cut out of a sentence ends in a title word or a proper name, not in mid-phrase."""
    folded = fold(candidate)
    found = role_text.matches(folded)
    return bool(found) and (found[-1].end == len(folded) or candidate.rsplit(maxsplit=1)[-1][:1].isupper())
