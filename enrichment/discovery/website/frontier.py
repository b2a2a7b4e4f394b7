"""What is still to be read of a site: the most promising page first, none twice."""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from enrichment.discovery.website import links, names_on_page
from enrichment.discovery.website.links import (
    LANGUAGE_HOME,
    NEUTRAL,
    PRESENTS_PEOPLE,
    PROFILE,
    SKIPPED,
    WORTHWHILE,
    Judgement,
)

MAX_WAITING = 5_000
NEUTRAL_PAGES = 3  # pages that promise nothing are tried only when nobody was found, and few of them
LANGUAGE_HOMES = 2  # as many home pages in other languages
PROFILES_WITHOUT_NEWS = 3  # after as many pages in a row that tell nothing new, no more profiles are read
PAGES_WITHOUT_NEWS = 6  # and after so many, only pages made for people, and what is due
FOR_PEOPLE = 50
# One page of each of these is read even where pages of people would fill the time: after how many other pages.
DUE = {"imprint": 2, "about": 8, "contact": 9}


@dataclass(order=True, slots=True)
class Waiting:
    """A page to be read. Sorts best first, then in the order found. `series`: the listing that it continues, or ""."""

    rank: int
    order: int
    url: str = field(compare=False)
    kind: str = field(compare=False)
    series: str = field(compare=False, default="")


@dataclass(slots=True)
class Frontier:
    """The pages found and not yet read, of one site. `language` is the home page's.

    `taken` counts the pages that were handed out, by kind.
    """

    site: str
    language: str = ""
    taken: Counter[str] = field(default_factory=Counter)
    _heap: list[Waiting] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)
    _offered: dict[str, int] = field(default_factory=dict)  # the best score so far
    _ended: set[str] = field(default_factory=set)

    def seen(self, url: str) -> None:
        """Note that a page was read, or is one that was."""
        cleaned = links.clean(url)
        if cleaned is not None:
            self._known.add(links.key(cleaned))

    def offer(self, found: Iterable[tuple[str, str]], least: int = NEUTRAL, *, names_too: bool = False) -> None:
        """Take in links (address, text) of the site that promise at least `least`.

        `names_too`: a link whose text is somebody's name leads to their profile.
        """
        for url, text in found:
            cleaned = links.clean(url)
            if cleaned is None or links.site_of(cleaned) != self.site:
                continue
            judgement = links.judge(cleaned, text, self.language)
            if names_too and judgement.score < PROFILE and judgement != SKIPPED and _is_name(text):
                judgement = Judgement(PROFILE, "profile")
            if judgement.score >= least:
                self.add(cleaned, judgement)

    def offer_languages(self, alternates: Iterable[tuple[str, str]]) -> None:
        """Take in the home page in other languages (language, address), where the words of these are known."""
        for language, url in alternates:
            if language in links.READ_LANGUAGES:
                self.add(url, Judgement(LANGUAGE_HOME, "home"))

    def add(self, url: str, judgement: Judgement) -> None:
        """Take in one page of the site, unless it is known; one offered again under a better text moves up."""
        key = links.key(url)
        if links.site_of(url) != self.site or key in self._known or len(self._heap) >= MAX_WAITING:
            return
        if judgement.score > self._offered.get(key, 0):
            self._offered[key] = judgement.score
            waiting = Waiting(-judgement.score, len(self._offered), url, judgement.kind, links.series(url))
            heapq.heappush(self._heap, waiting)

    def end(self, series: str) -> None:
        """Note that a listing's further pages bring nothing."""
        self._ended.add(series)

    def best(self, floor: int) -> Waiting | None:
        """Take out the page that is due, else the most promising one if it promises at least `floor`."""
        due = self._due()
        if due is not None:
            return self._take(due)
        while self._heap and -self._heap[0].rank >= floor:
            waiting = heapq.heappop(self._heap)
            if self._is_wanted(waiting):
                return self._take(waiting)
        return None

    def left(self, floor: int) -> int:
        """Return how many different pages that promise at least `floor` were not read."""
        rest = [waiting for waiting in self._heap if -waiting.rank >= floor]
        return len({links.key(waiting.url) for waiting in rest if waiting.series not in self._ended} - self._known)

    def presents_people(self) -> bool:
        """Whether a page made to present people was read, or waits."""
        waiting = (waiting.kind for waiting in self._heap if self._is_wanted(waiting))
        return not PRESENTS_PEOPLE.isdisjoint(self.taken) or not PRESENTS_PEOPLE.isdisjoint(waiting)

    def _due(self) -> Waiting | None:
        for kind, others in DUE.items():
            if not self.taken[kind] and self.taken.total() >= others:
                candidates = (waiting for waiting in self._heap if waiting.kind == kind and -waiting.rank >= WORTHWHILE)
                due = next((waiting for waiting in sorted(candidates) if self._is_wanted(waiting)), None)
                if due is not None:
                    return due
        return None

    def _take(self, waiting: Waiting) -> Waiting:
        self._known.add(links.key(waiting.url))
        self.taken["neutral" if -waiting.rank <= NEUTRAL else waiting.kind] += 1
        return waiting

    def _is_wanted(self, waiting: Waiting) -> bool:
        if links.key(waiting.url) in self._known or waiting.series in self._ended:
            return False
        if waiting.kind == "home":
            return self.taken["home"] < LANGUAGE_HOMES
        return -waiting.rank > NEUTRAL or self.taken["neutral"] < NEUTRAL_PAGES


def floor(found_people: bool, without_news: int) -> int:
    """Return what a page must promise to be read now.

    Until somebody is found every hint is followed. Then the pages made for people, about and contact pages are
    read, and profiles as long as they tell something new; when page after page tells nothing, only the first.
    """
    if not found_people:
        return NEUTRAL
    if without_news >= PAGES_WITHOUT_NEWS:
        return FOR_PEOPLE
    return PROFILE if without_news < PROFILES_WITHOUT_NEWS else WORTHWHILE


def _is_name(text: str) -> bool:
    reading = names_on_page.read(text)
    return reading is not None and not reading.single and reading.likelihood >= names_on_page.KNOWN
