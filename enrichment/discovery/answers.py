"""Answers of sites and services kept between runs, so that what has not changed is not fetched again.

One `Answers` belongs to one job: the pipeline fills it from the database before the sources start and writes down
afterwards what they added. Sources run in threads, and never touch the database.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer. `key` names what was asked, without secrets; `content` is the body, decompressed.

    `etag` and `last_modified` are the validators as the server sent them (RFC 9110 section 8.8), "" for none.
    `max_age`: the seconds for which the server said that it need not be asked again.
    """

    key: str
    fetched_at: datetime
    content: bytes
    url: str = ""
    status: int = 200
    media_type: str = ""
    charset: str | None = None
    etag: str = ""
    last_modified: str = ""
    max_age: int = 0

    def is_fresh(self, age: timedelta, now: datetime) -> bool:
        """Whether it was fetched within the last `age`."""
        return timedelta(0) <= now - self.fetched_at < age


class Answers:
    """The kept answers of one brand, safe among threads. `changed` are those to be written down."""

    def __init__(self, kept: Iterable[Kept] = ()) -> None:
        self._kept = {answer.key: answer for answer in kept}
        self._changed: dict[str, Kept] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> Kept | None:
        with self._lock:
            return self._kept.get(key)

    def put(self, answer: Kept) -> None:
        with self._lock:
            self._kept[answer.key] = self._changed[answer.key] = answer

    @property
    def changed(self) -> tuple[Kept, ...]:
        with self._lock:
            return tuple(self._changed.values())
