"""What a mail server's words mean, whatever its codes say: the first family of `bounce_phrases` that they fit."""

import re
import textwrap
import unicodedata

from outreach import bounce_kinds as kinds
from outreach.bounce_kinds import Meaning
from outreach.bounce_phrases import FAMILIES

MAX_WORDS = 4000  # characters of a text that are looked at

# The hosts of block lists count, other hosts and links are left out.
_LIST_HOSTS = re.compile(
    r"spamhaus|spamcop\.|sorbs\.net|barracuda(?:central|networks\.com/reputation)|uceprotect|abuseat\.org|mailspike|"
    r"spamrats|senderscore|ipcheck\.proofpoint|csi\.mimecast|csi\.cloudmark|talosintelligence|junkemailfilter|spamrl\."
)
# Google tells in fifty languages that a group does not exist or does not take our messages, and not which.
_GROUPS = "://groups.google.com/support"
# In lower case only: a sentence which begins right after a full stop is no host, nor is Exchange's RecipNotFound.
_HOST = re.compile(r"(?<![\w.-])[a-z0-9-]+(?:\.[a-z0-9-]+)+\b")
_ONE_WORD = re.compile(r"\b(e|mail|black|block|deny|gr[ea]y|over)[ -](mail|box|list|quota)")
_PUNCTUATION = re.compile(r"[^\w*]+")
_LETTERS = str.maketrans("ıłøđß", "ilods")
_APOSTROPHES = re.compile(r"['’`´]")


def meaning(text: str) -> Meaning | None:
    """Return what a text says, or None. The first family that fits counts, not the first words."""
    text = text[:MAX_WORDS]
    if _GROUPS in text:
        return kinds.SENDER
    words = plain(text)
    for what, pattern in _PATTERNS:
        if pattern.search(words):
            return what
        if what is kinds.REPUTATION and any(
            _LIST_HOSTS.search(word.lower()) for word in text.split() if "@" not in word
        ):
            return what
    return None


def plain(text: str) -> str:
    """Return a text in lower case, without accents, punctuation, and with "*" for addresses, links and hosts."""
    text = _HOST.sub("*", " ".join(map(_without_address, text.split())))
    text = _APOSTROPHES.sub("", folded(text).replace("_", " "))
    return _PUNCTUATION.sub(" ", _ONE_WORD.sub(r"\1\2", text)).strip()


def folded(text: str) -> str:
    """Return a text in lower case, without the marks on its letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).translate(_LETTERS)


def _without_address(word: str) -> str:
    if "@" in word:
        return "*"
    if "://" in word or word.lower().startswith("www."):
        _, reason, rest = word.partition("?p=")  # Google names its reason in the link
        return f"* {rest}" if reason else "*"
    return word


def either(table: str) -> str:
    """Return one expression for the lines of a table; a line that is indented further continues the one before."""
    found: list[str] = []
    for line in textwrap.dedent(table).strip("\n").rstrip().split("\n"):
        if line.startswith(" "):
            found[-1] += line.strip()
        else:
            found.append(line.strip())
    return "|".join(found)


_PATTERNS = [(what, re.compile(either(wordings))) for what, wordings in FAMILIES]
