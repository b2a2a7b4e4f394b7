"""From what news items say to people: the latest news of each decides, and older ones are believed less."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.names import name_key
from enrichment.discovery import confidence
from enrichment.discovery.base import Evidence, Person
from enrichment.discovery.public_index.appointments import JOINED, LEFT, Change
from enrichment.discovery.titles import classify
from enrichment.discovery.website import name_order

NAME = "press"
SOURCE = "public_index"
METHOD = "press_release"
OLDEST = timedelta(days=731)  # 24 months
MOVE = timedelta(days=90)  # between giving one post up and getting another
# How certain it is that somebody holds a post of which a headline told so long ago, 0-1.
_CERTAINTY = ((timedelta(days=183), 0.5), (timedelta(days=366), 0.4), (OLDEST, 0.25))
UNDATED = 0.1
IN_TEXT = 0.1  # is taken off what only the text says
_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class News:
    """A change and where it was told. `headline`: in the title of the item; `url`: of the release, else of the feed."""

    change: Change
    published: datetime | None
    headline: bool
    url: str
    fetched_at: datetime

    @property
    def moment(self) -> datetime:
        return self.published or _NEVER


def read(news: Iterable[News], now: datetime) -> tuple[list[Person], list[Person]]:
    """Return who is there and who has left, the latest news first. News older than 24 months is ignored.

    `news`: in the order of the feeds, which put the latest first; it decides among items of one date, or of none.
    """
    histories: dict[str, list[News]] = {}
    for item in sorted(news, key=_moment, reverse=True):
        if item.published is None or now - item.published <= OLDEST:
            histories.setdefault(name_key(*name_order.split(item.change.name)), []).append(item)
    people, departed = [], []
    for history in histories.values():
        joined = next((item for item in history if item.change.kind == JOINED), None)
        left = next((item for item in history if item.change.kind == LEFT), None)
        if joined is not None and (left is None or _is_still_there(history, joined, left)):
            people.append(_person(joined, now))
        elif left is not None:
            departed.append(_departed(left))
    return people, departed


def _is_still_there(history: list[News], joined: News, left: News) -> bool:
    """Whether the appointment is the later of the two, or the post given up another one, for which it was made."""
    if history.index(joined) < history.index(left):
        return True
    is_other = left.change.title and left.change.title.casefold() != joined.change.title.casefold()
    return bool(is_other) and left.moment - joined.moment <= MOVE


def _person(news: News, now: datetime) -> Person:
    first, last = name_order.split(news.change.name)
    title = news.change.title
    role = classify(title)
    return Person(
        first_name=first,
        last_name=last,
        title=title,
        seniority=role.seniority,
        department=role.department,
        decision_maker=role.decision_maker,
        confidence=confidence.public_data(_certainty(news, now)),
        source=SOURCE,
        method=METHOD,
        evidence=(_evidence("name", news.change.name, news), _evidence("title", title, news)),
    )


def _departed(news: News) -> Person:
    first, last = name_order.split(news.change.name)
    when = news.published.date().isoformat() if news.published else news.change.title or news.change.name
    return Person(first, last, source=SOURCE, method=METHOD, evidence=(_evidence("left", when, news),))


def _certainty(news: News, now: datetime) -> float:
    certainty = UNDATED
    if news.published is not None:
        age = now - news.published
        certainty = next((value for limit, value in _CERTAINTY if age <= limit), UNDATED)
    return certainty if news.headline else max(certainty - IN_TEXT, 0.0)


def _evidence(field: str, value: str, news: News) -> Evidence:
    return Evidence(field, value, news.url, news.change.sentence, NAME, news.fetched_at)


def _moment(news: News) -> datetime:
    return news.moment
