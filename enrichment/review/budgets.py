"""What a user may still start, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from enrichment import limits

WORDS = {
    "discoveries": "Discoveries in 24 h",
    "addresses": "Addresses in 24 h",
    "parallel": "Jobs at once",
}


@dataclass(frozen=True, slots=True)
class Left:
    """A limit, what is left of it, and when more is free; None when nobody can say."""

    name: str
    words: str
    limit: int
    remaining: int
    more_at: datetime | None


def left(user: User) -> list[Left]:
    """Return what is left of the user's limits: discoveries, addresses, parallel."""
    now = timezone.now()
    return [
        Left(
            budget.name,
            WORDS[budget.name],
            budget.limit,
            budget.remaining,
            now + timedelta(seconds=budget.reset_seconds) if budget.reset_seconds else None,
        )
        for budget in limits.budgets(user)
    ]


def discoveries_that_fit(budgets: Sequence[Left]) -> int:
    """Return how many discoveries may be started now."""
    return min(budget.remaining for budget in budgets if budget.name != "addresses")
