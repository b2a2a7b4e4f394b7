"""Registrable domains, by the public suffix list that ships with tldextract. Nothing is ever fetched."""

from functools import lru_cache

import tldextract

_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@lru_cache(maxsize=4096)
def registrable_domain(host: str) -> str | None:
    """Return the registrable domain of a host name (`www.shop.example.co.uk` -> `example.co.uk`), lower case.

    A top-level domain that the list does not know counts as a suffix of one label, so that `acme.example`
    and internal names work. None for an address, a single label or a bare suffix.
    """
    parts = _extract(host.lower().rstrip("."))
    if not parts.domain or parts.ipv4 or parts.ipv6:
        return None
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}"
    labels = [label for label in host.lower().rstrip(".").split(".") if label]
    return ".".join(labels[-2:]) if len(labels) >= 2 else None
