"""One kind of data that is kept for a time: what it is, how long, why it goes and how (periods.py has all kinds)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, DateField, Min, Q, QuerySet
from django.utils import timezone

BATCH = 500  # rows of one transaction, where others go along with them
DELETED, EMPTIED = "deleted", "emptied"

Rows = QuerySet[Any]


def delete(rows: Rows) -> int:
    return rows.delete()[1].get(rows.model._meta.label, 0)


def delete_in_batches(rows: Rows) -> int:
    """Delete rows of which many others depend, so many in one transaction."""
    keys, gone = list(rows.order_by("pk").values_list("pk", flat=True)), 0
    for start in range(0, len(keys), BATCH):
        gone += delete(rows.model._base_manager.filter(pk__in=keys[start : start + BATCH]))
    return gone


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of data: what it is, how long it is kept, and why it goes.

    `rows`: all that have a period, due or not; it counts from the column `age`. `clean` does away with those that are
    due; None where retention.py goes person by person. `act` is what becomes of them.
    """

    name: str
    title: str
    why: str
    period: Callable[[], timedelta]
    rows: Callable[[], Rows]
    age: str
    setting: str = ""
    act: str = DELETED
    clean: Callable[[Rows], int] | None = delete

    @property
    def words(self) -> str:
        """Return the period as people read it."""
        return in_words(self.period())

    def due(self, now: datetime) -> Rows:
        """Return the rows that may not be kept any longer at a moment."""
        rows = self.rows()
        return rows.filter(self._before(rows, now))

    def outlook(self, now: datetime, then: datetime) -> tuple[int, int, datetime | None]:
        """Return how many rows are due at one moment and at a later one, and when the oldest is. One query."""
        rows = self.rows().order_by()
        due_now, due_then = Count("pk", filter=self._before(rows, now)), Count("pk", filter=self._before(rows, then))
        found = rows.aggregate(due_now=due_now, due_then=due_then, oldest=Min(self.age))
        return found["due_now"], found["due_then"], self._end(found["oldest"])

    def next_at(self) -> datetime | None:
        """Return when the oldest row is due, which may be past; None: there are none."""
        return self._end(self.rows().order_by().aggregate(oldest=Min(self.age))["oldest"])

    def _end(self, oldest: date | None) -> datetime | None:
        if oldest is None:
            return None
        if isinstance(oldest, date) and not isinstance(oldest, datetime):
            oldest = timezone.make_aware(datetime.combine(oldest + timedelta(days=1), time()))
        moment: datetime = oldest + self.period()
        return moment

    def _before(self, rows: Rows, now: datetime) -> Q:
        before = now - self.period()
        return Q(**{f"{self.age}__lt": before.date() if self._by_day(rows) else before})

    def _by_day(self, rows: Rows) -> bool:
        fields = {field.name: field for field in rows.model._meta.concrete_fields}
        return type(fields.get(self.age)) is DateField


def in_words(period: timedelta) -> str:
    """Return a period in its largest whole unit."""
    hours = int(period.total_seconds() // 3600)
    for size, unit in ((365 * 24, "year"), (24, "day")):
        if hours >= size and hours % size == 0 and not (unit == "year" and hours == size):
            return f"{hours // size} {unit}{'' if hours == size else 's'}"
    return f"{hours} hour{'' if hours == 1 else 's'}"
