"""What is still to be read of a site: the most promising page first, none twice."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

from enrichment.discovery.website import links
from enrichment.discovery.website.links import NEUTRAL, PROFILE, WORTHWHILE, Judgement

MAX_WAITING = 5_000
NEUTRAL_PAGES = 3  # pages that promise nothing are tried only when nobody was found, and few of them
PROFILES_WITHOUT_NEWS = 3  # after as many pages in a row that tell nothing new, no more profiles are read


@dataclass(order=True, slots=True)
class Waiting:
    """A page to be read. Sorts best first, then in the order found."""

    rank: int
    order: int
    url: str = field(compare=False)
    kind: str = field(compare=False)


@dataclass(slots=True)
class Frontier:
    """The pages found and not yet read, of one site. `language` is the home page's."""

    site: str
    language: str = ""
    _heap: list[Waiting] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _offered: dict[str, int] = field(default_factory=dict)  # the best score so far
    _neutral: int = 0

    def seen(self, url: str) -> None:
        """Note that a page was read, or is one that was."""
        cleaned = links.clean(url)
        if cleaned is not None:
            self._known.add(links.key(cleaned))

    def offer(self, found: Iterable[tuple[str, str]], least: int = NEUTRAL) -> None:
        """Take in links (address, text) of the site that promise at least `least`."""
        for url, text in found:
            cleaned = links.clean(url)
            if cleaned is None or links.site_of(cleaned) != self.site or len(self._heap) >= MAX_WAITING:
                continue
            judgement = links.judge(cleaned, text, self.language)
            if judgement.score >= least:
                self.add(cleaned, judgement)

    def add(self, url: str, judgement: Judgement) -> None:
        """Take in one page, unless it is known; one that is offered again under a better text moves up."""
        key = links.key(url)
        if key not in self._known and judgement.score > self._offered.get(key, 0):
            self._offered[key] = judgement.score
            heapq.heappush(self._heap, Waiting(-judgement.score, len(self._offered), url, judgement.kind))

    def best(self, floor: int) -> Waiting | None:
        """Take out the most promising page, if it promises at least `floor`."""
        while self._heap and -self._heap[0].rank >= floor:
            waiting = heapq.heappop(self._heap)
            key = links.key(waiting.url)
            if key in self._known or (-waiting.rank <= NEUTRAL and self._neutral >= NEUTRAL_PAGES):
                continue
            self._known.add(key)
            self._neutral += -waiting.rank <= NEUTRAL
            return waiting
        return None

    def left(self, floor: int) -> int:
        """Return how many different pages that promise at least `floor` were not read."""
        keys = {links.key(waiting.url) for waiting in self._heap if -waiting.rank >= floor}
        return len(keys - self._known)


def floor(found_people: bool, without_news: int) -> int:
    """Return what a page must promise to be read now.

    Until somebody is found every hint is followed. Then the pages made for people, about and contact pages are
    read, and profiles as long as they tell something new.
    """
    if not found_people:
        return NEUTRAL
    return PROFILE if without_news < PROFILES_WITHOUT_NEWS else WORTHWHILE
