"""Is this text a person's name, and which part of it is the family name?

A name is recognised by its shape (two to five capitalised words, initials, particles), by a list of given names,
and by what it is not: page furniture and job titles. No single sign decides; `Reading.likelihood` weighs them.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from anyascii import anyascii
from nameparser import Lexicon, Parser, Policy, locales, parser_for

from enrichment.discovery.website import cjk_names, role_text
from enrichment.discovery.website.vocabulary import fold, words

MAX_NAME = 70
MAX_WORDS = 6
# What a name is worth by its shape alone, and with a given name that we know.
BY_SHAPE = 0.4
KNOWN = 0.85

_HONORIFICS = frozenset(
    {
        "dr",
        "drs",
        "prof",
        "professor",
        "doctor",
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "sir",
        "dame",
        "rev",
        "reverend",
        "hon",
    }
    | {
        "herr",
        "herrn",
        "frau",
        "hr",
        "fr",
        "dipl-ing",
        "dipl-kfm",
        "dipl-inf",
        "dipl-kffr",
        "dr-ing",
        "ing",
        "mag",
        "ra",
        "rain",
    }
    | {"dipl", "drmed", "med", "jur", "rer", "nat", "pol", "oec", "hc", "phil", "habil", "univ", "priv-doz", "pd"}
    | {"mgr", "inz", "hab", "mudr", "judr", "rndr", "phdr", "bc", "doc", "pan", "pani", "mme", "mlle", "me", "maitre"}
    | {
        "monsieur",
        "madame",
        "sr",
        "sra",
        "srta",
        "senor",
        "senora",
        "don",
        "dona",
        "lic",
        "arq",
        "abg",
        "eng",
        "dra",
        "enga",
    }
    | {
        "dott",
        "dottssa",
        "dott-ssa",
        "avv",
        "geom",
        "rag",
        "sig",
        "sigra",
        "ir",
        "dhr",
        "heer",
        "mevr",
        "mevrouw",
        "г-н",
        "г-жа",
        "д-р",
    }
    | {"проф", "инж", "доц", "господин", "госпожа", "adv", "arch", "cav", "on", "capt", "lt", "col"}
)
_GENERATIONS = frozenset({"jr", "sr", "ii", "iii", "iv", "junior", "filho", "neto"})
PARTICLES = frozenset(
    {
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "do",
        "dos",
        "das",
        "du",
        "des",
        "la",
        "le",
        "les",
        "lo",
    }
    | {
        "ter",
        "ten",
        "te",
        "zu",
        "zum",
        "zur",
        "vom",
        "af",
        "av",
        "el",
        "al",
        "bin",
        "ibn",
        "ben",
        "bint",
        "san",
        "santa",
        "st",
    }
    | {"'t", "'s", "op", "aan", "in", "het", "y", "e", "dalla", "dello", "degli", "dei", "d'", "und", "ap", "abu", "'"}
)
_GO_ON = frozenset({"maria", "jose", "ana", "juan", "joao"})  # given names that "del Carmen", "da Conceição" continue
_NICKNAME = re.compile(
    r"[\"“”„«»]\s*([^\W\d_][\w.' -]{0,20})\s*[\"“”„«»]|\(\s*([^\W\d_][\w.'-]{1,15})\s*\)|'([^\W\d_]\w{1,12})'(?=\s)"
)
_PRONOUNS = re.compile(r"[(\[]\s*(?:she|he|they|sie|er|elle|il|ella|él)\s*[/|,][^)\]]*[)\]]", re.IGNORECASE)
_BIRTH_NAME = re.compile(r"\(?\b(?:geb\.|née|née?|nata|z domu)\s+\S+\)?", re.IGNORECASE)
_FORBIDDEN = re.compile(r"[\d@/\\&!?:;=+*#%{}\[\]<>…_|©®™•·→»«\"“”()]")
_CREDENTIAL = re.compile(
    r"(?:[A-Z][A-Za-z]{0,3}\.){2,}[A-Z]?[a-z]?\.?|[A-Z]{2,6}(?:-[A-Z]{1,4})?(?:/[A-Z]{2,5})*|Ph\.?D\.?|MSc|BSc|LLM|LLB|Esq\.?|DipM|FCA"
)
_VOWEL = re.compile(r"[AEIOUY]")
_PATRONYMIC = re.compile(r"(?:ович|евич|овна|евна|ична|йович|ovich|evich|ovna|evna)$")
_WORD = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.‘`-](?=[^\W\d_]))*\.?")


@dataclass(frozen=True, slots=True)
class Reading:
    """A text read as a name: `text` without honorifics and suffixes, and how likely it is one (0-1).

    `single` names have one word only: somebody, but nobody that can be addressed. `honoured` ones had a title such as
    "Dr." or a degree.
    """

    text: str
    likelihood: float
    single: bool = False
    honoured: bool = False


@lru_cache(maxsize=16384)
def read(text: str) -> Reading | None:
    """Read `text` as one person's name and nothing else; None when it can be none."""
    text = text.strip(" \t,;:–—-·•*|\u200b\ufeff")
    if not 2 <= len(text) <= MAX_NAME:
        return None
    if cjk_names.is_cjk(text):
        likelihood = cjk_names.likelihood(text)
        return Reading(cjk_names.bare(text), likelihood) if likelihood else None
    text, nickname = _without_asides(text)
    tokens, honoured = _bare(text.replace("’", "'").replace("`", "'").split())
    if nickname and tokens and all(is_initial(token) for token in tokens[:-1]):
        tokens = [nickname, tokens[-1]]
    if not 1 <= len(tokens) <= MAX_WORDS or _FORBIDDEN.search(" ".join(tokens)):
        return None
    tokens = _capitals_last(tokens)
    likelihood = _likelihood(tokens)
    if not likelihood:
        return None
    full = sum(not is_initial(token) for token in tokens)
    return Reading(" ".join(tokens), likelihood, len(tokens) == 1 or full == 0, honoured)


@lru_cache(maxsize=4096)
def split(name: str, language: str = "", *, family_first: bool = False) -> tuple[str, str]:
    """(first name, last name) of a name that `read` gave. Middle initials are dropped, middle names stay.

    A family name in capitals before or after the given name is recognised ("DUPONT Marie"), as are particles,
    patronymics and East Asian order. On Spanish pages a middle name that is no given name opens the family name.
    """
    if cjk_names.CJK.search(name):
        return cjk_names.split(name, language)
    tokens = name.split()
    if family_first and len(tokens) > 1:
        tokens = [*tokens[1:], tokens[0]]
    parsed = _parser().parse(" ".join(tokens))
    first, middle, last = parsed.given, parsed.middle.split(), parsed.family
    if not first or not last:
        first, middle, last = tokens[0], tokens[1:-1], tokens[-1]
    if middle and language in {"es", "ca", "gl"} and not is_given(middle[-1]) and not is_initial(middle[-1]):
        last = f"{middle.pop()} {last}"
    while middle and fold(middle[-1]) in PARTICLES:
        last = f"{middle.pop()} {last}"
    if fold(first) in _GO_ON:
        first, last = _with_devotion(first, last.split())
    if not is_initial(first):
        middle = [word for word in middle if not is_initial(word)]
    return " ".join([first, *middle]), last


def _with_devotion(first: str, last: list[str]) -> tuple[str, str]:
    """María | del Carmen Ruiz -> María del Carmen | Ruiz."""
    size = next((place for place, word in enumerate(last) if fold(word) not in PARTICLES), 0)
    if 0 < size < len(last) - 1 and is_given(last[size]):
        return " ".join([first, *last[: size + 1]]), " ".join(last[size + 1 :])
    return first, " ".join(last)


@lru_cache(maxsize=16384)
def is_given(word: str) -> bool:
    """Whether `word` is a given name that we know, in any script; of "Jan-Willem" either part will do."""
    folded = fold(word.strip(".,"))
    known = words("given_names")
    if folded in known or (not folded.isascii() and len(folded) > 2 and anyascii(folded).lower() in known):
        return True
    return "-" in folded and any(part in known for part in folded.split("-"))


def are_family_first(names: list[str]) -> bool:
    """Whether a list prints family names first throughout: its given names stand last, hardly ever first."""
    pairs = [(is_given(words_of[0]), is_given(words_of[-1])) for name in names if len(words_of := name.split()) == 2]
    backward = sum(last and not first for first, last in pairs)
    return len(pairs) >= 3 and backward * 5 >= len(pairs) * 3


def is_initial(token: str) -> bool:
    """Whether `token` is an initial ("J.") or several ("J.P.")."""
    letters = token.replace(".", "")
    return bool(letters) and (len(letters) == 1 or ("." in token and len(letters) <= 3 and letters.isupper()))


def is_credential(text: str) -> bool:
    """Whether `text` is degrees and memberships only ("CFA, CFP", "Ph.D."), or a generation ("Jr.")."""
    tokens = text.replace(",", " ").split()
    return bool(tokens) and len(tokens) <= 6 and all(_is_suffix(token) for token in tokens)


def _without_asides(text: str) -> tuple[str, str]:
    text = _BIRTH_NAME.sub("", _PRONOUNS.sub("", text))
    match = _NICKNAME.search(text)
    if not match:
        return text, ""
    return text[: match.start()] + " " + text[match.end() :], next(filter(None, match.groups()))


def _bare(tokens: list[str]) -> tuple[list[str], bool]:
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
    family_words = [token for token in kept[: commas[0] + 1] if fold(token) not in PARTICLES] if commas else []
    if len(commas) == 1 and len(family_words) == 1 and is_given(kept[commas[0] + 1]):  # "Dupont, Marie"
        family, kept = kept[: commas[0] + 1], kept[commas[0] + 1 :]
        kept = [*kept, *(token.rstrip(",") for token in family)]
    return kept, honoured


def _is_honorific(token: str, following: str) -> bool:
    folded = fold(token).replace(".", "")
    if folded == "m":
        return token == "M." and is_given(following)
    if folded == "de":
        return fold(following) == "heer"
    return folded in _HONORIFICS and (token.endswith(".") or not is_given(token))


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


def _likelihood(tokens: list[str]) -> float:
    full: list[str] = []
    for place, token in enumerate(tokens):
        folded = fold(token)
        if (
            (folded in PARTICLES
            and 0 < place < len(tokens) - 1)
            or (place == 0 and folded in PARTICLES and len(tokens) > 2)
        ):
            continue
        if not _WORD.fullmatch(token.lstrip("'")) or not token.lstrip("'")[:1].isupper():
            return 0.0
        if not is_initial(token):
            full.append(token)
    if not full or is_initial(tokens[-1]) or (full[-1] != tokens[-1]):
        return 0.0
    return _weigh(tokens, full)


def _weigh(tokens: list[str], full: list[str]) -> float:
    given = [is_given(token) for token in full]
    spare = words("word_surnames")
    doubtful = False
    for place, token in enumerate(full):
        folded = fold(token).strip(".")
        if given[place] or (folded in spare and place and given[0]):
            continue
        if role_text.blocks_name(folded):
            return 0.0
        if folded in words("page_words"):
            if not (given[0] and place == len(full) - 1 == 1):
                return 0.0
            doubtful = True  # "Hugo Solar", but also "Virginia Beach"
    if doubtful:
        return BY_SHAPE + 0.1
    if len(tokens) == 1:
        return 0.7 if given[0] else 0.2
    if fold(tokens[0]) in {"san", "santa", "saint", "st"}:
        return 0.0  # a place
    if given[0] or any(_PATRONYMIC.search(token) for token in full):
        return KNOWN
    weight = BY_SHAPE
    if any(given[1:]):
        weight += 0.2
    if len(tokens) > len(full) and not is_initial(tokens[0]):
        weight += 0.1  # a middle initial or a particle
    if len(full) > 3 or max(map(len, full)) > 16:
        weight -= 0.1
    return weight


def _capitals_last(tokens: list[str]) -> list[str]:
    """The words with capitals lowered, and a family name that capitals mark put behind the given name."""
    marked = [token for token in tokens if not is_initial(token) and fold(token) not in PARTICLES]
    loud = [token.isupper() for token in marked]
    if any(loud) and not all(loud) and loud[0]:
        first = tokens.index(marked[loud.index(False)])
        tokens = tokens[first:] + tokens[:first]
    return [_lowered(token, before) for before, token in zip(["", *tokens], tokens, strict=False)]


def _lowered(token: str, before: str) -> str:
    """`token` with its capitals lowered: "LE GOFF" -> "Le Goff", "DE LA TOUR" -> "de la Tour"."""
    if len(token) < 2 or not token.isupper() or is_initial(token):
        return token
    folded = fold(token)
    if folded in PARTICLES and (folded not in {"le", "la", "les", "lo", "el"} or fold(before) == "de"):
        return token.lower()
    return re.sub(r"[^\W\d_]+", lambda match: match.group().capitalize(), token)


@cache
def _parser() -> Parser:
    return parser_for(locales.RU, base=Parser(policy=Policy()))
