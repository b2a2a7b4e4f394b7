"""A job title as pages print it, made ready for looking its words up: no markup, gender forms, employer, odd spaces."""

import html
import re

from enrichment.discovery.lexicon import fold

_TAG = re.compile(r"<[a-z/!][^<>]{0,200}>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"<(?:br|/p|/div|/li)\b[^<>]{0,200}>", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_DEGREE = re.compile(r"(?:^|[\s,;(])M\.\s?D\.(?=$|[\s,;)])")
_GENDER = re.compile(
    r"\(\s*(?:m|w|f|d|h|x|i|gn|all genders)(?:\s*[/|,]\s*(?:m|w|f|d|h|x|n|i|div))*\s*\)"  # (m/w/d)
    r"|[:*_/·•](?:innen|in)\b"  # Leiter:in, Leiter*in
    r"|(?<=[^\W\d_])\((?:innen|in)\)"  # Leiter(in)
    r"|(?<=[^\W\d_])[(/·•.](?:trice|rice|euse|ère|ne|se|e|a|as|o|ra)\b\)?",  # directeur·rice, director(a), chargé.e
    re.IGNORECASE,
)
_INNER_CAPITAL = re.compile(r"(?<=[a-zäöüß])In(?:nen)?\b")  # GeschäftsführerIn
_EMPLOYER = re.compile(r"\s(?:@\s*|(?:at|bei|chez|hos|presso|bij|på)\s+(?!Large\b)(?=[A-Z0-9])).*", re.DOTALL)
_AND = re.compile(r"\s*[&＆+]\s*")
_RESEARCH = re.compile(r"\bR\s?(?:&|＆|\+|n|'n')\s?D\b", re.IGNORECASE)


def prepare(title: str) -> tuple[str, bool]:
    """Return the folded title for looking words up, and whether it carries a medical degree ("M.D.").

    Gone are tags, entities, invisible characters, gender forms ("(m/w/d)", "Leiter:in") and the employer ("at Acme").
    """
    text = _INVISIBLE.sub("", html.unescape(html.unescape(title)))
    text = _TAG.sub("", _LINE_BREAK.sub(", ", text))
    degree = bool(_DEGREE.search(text))
    text = _DOTTED.sub(_without_dots, _DEGREE.sub(" ", text))
    text = _INNER_CAPITAL.sub("", _GENDER.sub("", text))
    text = _EMPLOYER.sub("", f" {text}")
    text = _AND.sub(" and ", _RESEARCH.sub("r d", text))
    return fold(text).strip(), degree


def _without_dots(match: re.Match[str]) -> str:
    return match.group().replace(".", "")
