"""Is this an address one can write to? Form alone, no DNS. RFC 5321, 5322, 6531 (SMTPUTF8), 5891 (IDNA)."""

from dataclasses import dataclass
from functools import lru_cache

import email_validator

MAX_LENGTH = 1000  # characters worth reading; RFC 5321 allows 254

# Whether a special-use name (.local, .test) has mail is for the DNS server of the house to say. Only what
# must not be asked at all (RFC 7686), or holds no mail by its meaning, is refused by form.
email_validator.SPECIAL_USE_DOMAIN_NAMES[:] = ["arpa", "onion"]


@dataclass(frozen=True, slots=True)
class Address:
    """An address taken apart: `local` as written (NFC), `domain` in lower-case A-labels."""

    local: str
    domain: str


class InvalidAddress(ValueError):
    """The text is no address that one can write to; the message says why, in a sentence."""


def parse(text: str) -> Address:
    """Return the parts of an address. Raises InvalidAddress.

    Quoted local parts and domain literals are lawful mail but no work addresses, and are refused.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidAddress(f"The address is too long ({len(text)} characters).")
    if "\ufffd" in text:
        raise InvalidAddress("The address holds characters that could not be read: write it in UTF-8.")
    try:
        valid = email_validator.validate_email(text, check_deliverability=False, strict=True)
    except email_validator.EmailNotValidError as error:
        raise InvalidAddress(str(error)) from error
    return Address(valid.local_part, valid.ascii_domain)


def ascii_domain(text: str) -> str | None:
    """Return a mail domain in lower-case A-labels (`Müller.example` -> `xn--mller-kva.example`); None if it is none."""
    return _ascii_domain(text) if len(text) <= MAX_LENGTH else None


@lru_cache(maxsize=4096)
def _ascii_domain(text: str) -> str | None:
    try:
        return parse(f"a@{text.strip().rstrip('.')}").domain
    except InvalidAddress:
        return None
