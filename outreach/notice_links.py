"""The link to what we know of a person: its token is of the make of the unsubscribe link's, with a salt of its own."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.signing import BadSignature, Signer

from core.fields import blind_index, normalise_email

from .unsubscribing import BadToken


def token(email: str) -> str:
    """Return the token of an address: a signature and the address's blind index, nothing else."""
    index = blind_index(normalise_email(email))
    return f"{_signer().signature(index)}.{index}"


def privacy_url(email: str) -> str:
    """Return where the owner of an address reads what we know of them; empty without an OUTREACH_PUBLIC_URL."""
    return link(token(email))


def link(token: str) -> str:
    """Return the address of a token's page; empty without an OUTREACH_PUBLIC_URL that browsers can open."""
    public = settings.OUTREACH_PUBLIC_URL
    return f"{public}/privacy/{token}" if urlsplit(public).scheme in {"http", "https"} else ""


def read(token: str) -> str:
    """Return the blind index in a token. Raises unsubscribing.BadToken."""
    signature, _, index = token.partition(".")
    try:
        return _signer().unsign(f"{index}:{signature}")
    except BadSignature as error:
        raise BadToken("The token was not made here, or with another key.") from error


def _signer() -> Signer:
    return Signer(salt="outreach.notices")
