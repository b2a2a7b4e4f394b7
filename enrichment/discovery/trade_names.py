"""Is a short text formed like the name of a trade ("beekeeper", "florist")? For titles whose words no table knows."""

import re

from enrichment.discovery.lexicon import Word

MAX_WORDS = 5

# How the names of trades end, in the languages of titles.csv.
_TRADE = re.compile(
    r"(?:[^aeiou]er|eer|or|ist|ian|monger|smith|erin|istin|eur|euse|iste|ienne|trice|tore|iere|dor|dora|ista|eir[oa]"
    r"|log|log[oa]|logue|nik|nice|owiec|arz|тель|ник|ница|ист|лог|щик|чик|яр)$"
)
_NO_TRADE = frozenset(
    {"number", "member", "december", "november", "october", "september", "summer", "winter", "center", "chapter"}
    | {"newsletter", "calendar", "twitter", "flickr", "register", "filter", "poster", "folder", "header", "footer"}
    | {"together", "another", "whether", "further", "rather", "either", "neither", "partner", "quarter", "letter"}
    | {"interior", "exterior", "indoor", "outdoor", "behavior", "behaviour", "colour", "harbor", "favor"}
)


def is_trade(tokens: list[Word]) -> bool:
    """Whether the first or the last of a few folded words is formed like the name of a trade."""
    if len(tokens) > MAX_WORDS:
        return False
    ends = {tokens[0].text, tokens[-1].text} - _NO_TRADE
    return any(len(word) > 5 and _TRADE.search(word) for word in ends)
