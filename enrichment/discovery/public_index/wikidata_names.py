"""People's names from the labels of their items."""

import re
from typing import Any

from enrichment.discovery.public_index.registers.names import cased
from enrichment.discovery.public_index.wikidata_api import LANGUAGES
from enrichment.discovery.public_index.wikidata_statements import labels
from enrichment.discovery.website import cjk_names, name_order, name_words

MAX_NAME = 70

_ASIDE = re.compile(r"[(（\[][^()（）\[\]]*[)）\]]")  # "Jane Doe (businesswoman)"
_NO_NAME = re.compile(r"[\d@/\\*{}<>|#%+=:;!?_\[\]()（）]")
_LETTER = re.compile(r"[^\W\d_]")


def name_of(entity: dict[str, Any]) -> tuple[str, str] | None:
    """(first name, last name) from the first label, in the order of LANGUAGES, that is a full name; None for none."""
    for language, text in labels(entity, LANGUAGES):
        name = _split(text, "" if language in ("en", "mul") else language)
        if name is not None:
            return name
    return None


def _split(text: str, language: str) -> tuple[str, str] | None:
    text = "".join(filter(str.isprintable, " ".join(_ASIDE.sub(" ", text).split())))  # marks of direction go
    if not text or len(text) > MAX_NAME or _NO_NAME.search(text):
        return None
    if cjk_names.is_cjk(text):
        first, last = cjk_names.split(text, language)
    else:
        words = name_words.bare(cased(text).split())[0]
        if len(words) < 2:
            return None
        first, last = name_order.split(" ".join(words), language)
    return (first, last) if _LETTER.search(first) and _LETTER.search(last) else None
