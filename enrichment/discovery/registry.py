"""Which sources of people there are, by the names that ENRICHMENT_SOURCES knows them under."""

from collections.abc import Iterable

from enrichment.discovery.base import Source
from enrichment.discovery.website import robots
from enrichment.discovery.website.crawl import WebsiteSource

NAMES = ("website",)


def sources(names: Iterable[str], *, user_agent: str = robots.PRODUCT) -> list[Source]:
    """Return the sources of these names, each once, in the order named.

    `user_agent`: the one that the client sends, by which robots.txt may speak of us. Raises ValueError with a
    sentence for a name that is not known.
    """
    known: dict[str, Source] = {"website": WebsiteSource(user_agent)}
    wanted = list(dict.fromkeys(name.strip().lower() for name in names if name.strip()))
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise ValueError(
            f"There is no source {', '.join(unknown)}. Known are: {', '.join(NAMES)} (ENRICHMENT_SOURCES)."
        )
    return [known[name] for name in wanted]
