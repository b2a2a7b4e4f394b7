"""Which domain takes a company's mail: usually its website's, sometimes another one that it writes from."""

from collections import Counter
from collections.abc import Iterable

from enrichment.emails.verification.lists import is_free
from enrichment.emails.verification.syntax import ascii_domain


def domain_of(address: str) -> str:
    """Return the part after the last `@`, lower case."""
    return address.rpartition("@")[2].lower()


def mail_domain(website_domain: str | None, addresses: Iterable[str]) -> str | None:
    """Return the domain to work out addresses for, given the addresses that the company publishes.

    The website's own domain wins as soon as one address is published there; otherwise the domain most
    published, free-mail providers apart. None when nothing is known.
    """
    seen = Counter(domain_of(address) for address in addresses)
    if website_domain and ascii_domain(website_domain) is None:
        website_domain = None
    if website_domain in seen:
        return website_domain
    own = [domain for domain, _ in seen.most_common() if ascii_domain(domain) and not is_free(domain)]
    return own[0] if own and (website_domain is None or seen[own[0]] > 1) else website_domain
