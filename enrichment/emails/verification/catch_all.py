"""Does a domain accept any address? A name that nobody has, and that no server can foresee, tells."""

import secrets
from collections.abc import Container

from enrichment.emails.checks import Result
from enrichment.emails.verification.syntax import Address

_CONSONANTS = "bdfgklmnprstvz"
_VOWELS = "aeiou"


def made_up(domain: str, taken: Container[str]) -> Address:
    """Return an address at `domain` whose local part looks like a person's (`rimola.kesatuna47`), none of `taken`.

    One of some 10^14: a server cannot tell it from a real one, nor know it from the last time.
    """
    while True:
        local = f"{_word(3)}.{_word(4)}{secrets.randbelow(90) + 10}"
        if local not in taken:
            return Address(local, domain)


def judge(made_up_result: Result) -> bool | None:
    """Return whether the domain accepts everything, from what was said of a made-up address; None: it is not clear."""
    return {Result.DELIVERABLE: True, Result.UNDELIVERABLE: False}.get(made_up_result)


def _word(syllables: int) -> str:
    return "".join(secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(syllables))
