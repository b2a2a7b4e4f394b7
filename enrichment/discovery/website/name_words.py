"""The words of a name: given names, initials, particles, titles before it, degrees after it, capitals."""

import re
from functools import cache, lru_cache

from anyascii import anyascii
from nameparser import Lexicon

from enrichment.discovery.website import role_text
from enrichment.discovery.website.vocabulary import fold, words

_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv", "junior"})
_ARTICLES = frozenset({"le", "la", "les", "lo", "el"})
_NICKNAME = re.compile(
    r"[\"“”„«»]\s*([^\W\d_][\w.' -]{0,20})\s*[\"“”„«»]|\(\s*([^\W\d_][\w.'-]{1,15})\s*\)|'([^\W\d_]\w{1,12})'(?=\s)"
)
_PRONOUNS = re.compile(r"[(\[]\s*(?:she|he|they|sie|er|elle|il|ella|él)\s*[/|,][^)\]]*[)\]]", re.IGNORECASE)
_BIRTH_NAME = re.compile(r"\(?\b(?:geb\.|née?|nata|z domu)\s+\S+\)?", re.IGNORECASE)
_CREDENTIAL = re.compile(
    r"(?:[A-Z][A-Za-z]{0,3}\.){2,}[A-Z]?[a-z]?\.?|[A-Z]{2,6}(?:-[A-Z]{1,4})?(?:/[A-Z]{2,5})*"
    r"|Ph\.?D\.?|Esq\.?|DipM|PgDip|[BMDLPE](?:[A-Z][a-z]{0,4}){1,3}"
)
_VOWEL = re.compile(r"[AEIOUY]")


def is_particle(word: str) -> bool:
    """Whether `word` is a small word inside family names: van, de, 't."""
    return fold(word) in words("particles")


@lru_cache(maxsize=16384)
def is_given(word: str) -> bool:
    """Whether `word` is a given name that we know, in any script; of "Jan-Willem" either part will do."""
    folded = fold(word.strip(".,"))
    known = words("given_names")
    if folded in known or (not folded.isascii() and len(folded) > 2 and anyascii(folded).lower() in known):
        return True
    return "-" in folded and any(part in known for part in folded.split("-"))


def is_initial(token: str) -> bool:
    """Whether `token` is an initial ("J.") or several ("J.P.")."""
    letters = token.replace(".", "")
    return bool(letters) and (len(letters) == 1 or ("." in token and len(letters) <= 3 and letters.isupper()))


def is_credential(text: str) -> bool:
    """Whether `text` is degrees and memberships only ("CFA, CFP", "Ph.D."), or a generation ("Jr.")."""
    tokens = text.replace(",", " ").split()
    return bool(tokens) and len(tokens) <= 6 and all(_is_suffix(token) for token in tokens)


def without_asides(text: str) -> tuple[str, str]:
    """(the name without nickname, pronouns and birth name; the nickname, or "")."""
    text = _BIRTH_NAME.sub("", _PRONOUNS.sub("", text))
    match = _NICKNAME.search(text)
    if not match or role_text.blocks_name(fold(next(filter(None, match.groups())))):
        return text, ""  # "Jane Doe (Chair)" says what she is, not how she is called
    return text[: match.start()] + " " + text[match.end() :], next(filter(None, match.groups()))


def bare(tokens: list[str]) -> tuple[list[str], bool]:
    """The words without honorifics before and suffixes after, and whether there were titles or degrees among them."""
    start = 0
    while start < len(tokens) - 1 and _is_honorific(tokens[start], tokens[start + 1]):
        start += 1
    kept = tokens[start:]
    honoured = start > 0
    while len(kept) > 1 and _is_suffix(kept[-1]):
        honoured = honoured or fold(kept[-1]).strip(".,") not in _GENERATIONS
        kept = kept[:-1]
    if kept and kept[-1].endswith((",", ".")) and not is_initial(kept[-1]):
        kept = [*kept[:-1], kept[-1].rstrip(",.")]
    commas = [place for place, token in enumerate(kept) if token.endswith(",")]
    family_words = [token for token in kept[: commas[0] + 1] if not is_particle(token)] if commas else []
    if len(commas) == 1 and len(family_words) == 1 and _are_turned(family_words[0], kept[commas[0] + 1]):
        family, kept = kept[: commas[0] + 1], kept[commas[0] + 1 :]
        kept = [*kept, *(token.rstrip(",") for token in family)]
    return kept, honoured


def _are_turned(family: str, given: str) -> bool:
    """Whether "Dupont, Marie" or "DUPONT, Marie" is a family name with a given name."""
    return is_given(given) or (len(family) > 3 and family.isupper() and given.istitle() and not is_given(family))


def capitals_last(tokens: list[str]) -> list[str]:
    """The words with capitals lowered, and a family name that capitals mark put behind the given name."""
    marked = [token for token in tokens if not is_initial(token) and not is_particle(token)]
    loud = [token.isupper() for token in marked]
    if any(loud) and not all(loud) and loud[0]:
        first = tokens.index(marked[loud.index(False)])
        tokens = tokens[first:] + tokens[:first]
    return [_lowered(token, before) for before, token in zip(["", *tokens], tokens, strict=False)]


def _lowered(token: str, before: str) -> str:
    """`token` with its capitals lowered: "LE GOFF" -> "Le Goff", "DE LA TOUR" -> "de la Tour"."""
    if len(token) < 2 or not token.isupper() or is_initial(token):
        return token
    if is_particle(token) and (fold(token) not in _ARTICLES or fold(before) == "de"):
        return token.lower()
    return re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), token)


def _is_honorific(token: str, following: str) -> bool:
    folded = fold(token).replace(".", "")
    if folded in {"m", "d"}:  # "M. Dupont", "D. Evaristo Gómez"
        return token.endswith(".") and is_given(following)
    if folded == "de":
        return fold(following) == "heer"
    return folded in words("honorifics") and (token.endswith(".") or not is_given(token))


def _is_suffix(token: str) -> bool:
    bare = token.strip(",")
    folded = fold(bare).replace(".", "")
    if folded in _GENERATIONS and not is_given(bare):
        return True
    if not _CREDENTIAL.fullmatch(bare):
        return False
    return "." in bare or (not role_text.blocks_name(folded) and _is_acronym(bare))


@cache
def _acronyms() -> frozenset[str]:
    lexicon = Lexicon.default()
    return frozenset(lexicon.suffix_acronyms) | frozenset(lexicon.suffix_words)


def _is_acronym(token: str) -> bool:
    """Whether capitals are a degree or a membership: known as one, "GNP-C", or without a vowel ("FRCS")."""
    parts = re.split(r"[-/]", token)
    return len(parts) > 1 or not _VOWEL.search(token) or token.casefold() in _acronyms()
