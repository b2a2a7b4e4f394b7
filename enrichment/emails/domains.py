"""Which domain takes a company's mail: usually its website's, sometimes another one that it writes from."""

from collections.abc import Iterable, Mapping

from enrichment.emails.verification.lists import is_free, is_role
from enrichment.emails.verification.mx import Mx
from enrichment.emails.verification.syntax import ascii_domain

# What an address published at a domain counts for it. Shared mailboxes stay behind when a company moves its mail, and
# those of agencies, hosts and authorities stand on its pages too.
PERSON = 1.0
ROLE = 0.5
# The website's own domain is ahead by an address: it is the company's for certain.
HEAD_START = 1.0


def domain_of(address: str) -> str:
    """Return the part after the last `@`, lower case."""
    return address.rpartition("@")[2].lower()


def mail_domain(website_domain: str | None, addresses: Iterable[str], mx: Mapping[str, Mx] | None = None) -> str | None:
    """Return the domain to work out addresses for, given the addresses that the company publishes.

    The domain with the most addresses wins, people's before shared mailboxes, the website's own with a head start; of
    equals the website's, then the one seen first. `mx` are the look-ups by domain: one that takes no mail loses to any
    that does, and a website that only has an address record has no head start. Free-mail providers are left out. None
    when nothing is known.
    """
    votes: dict[str, float] = {}
    spelling: dict[str, str] = {}
    if website_domain and (own := ascii_domain(website_domain)):
        votes[own], spelling[own] = 0.0 if _is_implicit(website_domain, own, mx) else HEAD_START, website_domain
    for address in dict.fromkeys(address.lower() for address in addresses):
        written = domain_of(address)
        domain = ascii_domain(written)
        if domain and not is_free(domain):
            votes[domain] = votes.get(domain, 0.0) + (ROLE if is_role(address.rpartition("@")[0]) else PERSON)
            spelling.setdefault(domain, written)
    best = max(votes, key=lambda domain: (_takes_mail(spelling[domain], domain, mx), votes[domain]), default=None)
    return spelling[best] if best else None


def _takes_mail(written: str, domain: str, mx: Mapping[str, Mx] | None) -> bool:
    answer = _answer(written, domain, mx)
    return answer is None or answer.passed is not False


def _is_implicit(written: str, domain: str, mx: Mapping[str, Mx] | None) -> bool:
    answer = _answer(written, domain, mx)
    return answer is not None and answer.status == "implicit"


def _answer(written: str, domain: str, mx: Mapping[str, Mx] | None) -> Mx | None:
    return None if mx is None else mx.get(written) or mx.get(domain)
