"""The folded form under which people's names are compared and looked up."""

import re

from anyascii import anyascii

MAX_KEY = 400

_NO_WORD = re.compile(r"[^a-z0-9]+")
_APOSTROPHES = re.compile(r"['’‘ʼ`´]")


def name_key(first: str, last: str) -> str:
    """Return the folded name by which a person is looked up: lower-case ASCII words, single spaces, at most 400 long.

    Case, accents, script (by transliteration), punctuation and hyphens make no difference. The key is stored, so
    what it is for a name must not change. Empty only for a name without letters or digits.
    """
    plain = anyascii(_APOSTROPHES.sub("", f"{first} {last}")).casefold()
    return _NO_WORD.sub(" ", plain).strip()[:MAX_KEY].rstrip()
