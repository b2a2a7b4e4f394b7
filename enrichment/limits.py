"""How much a user, a token of theirs or a brand may use: discoveries and addresses in any 24 hours, and jobs at once.

The ledger (models.Usage) and the jobs themselves are counted, never a counter of its own. Whoever wants a place
locks the user's row, then the brand's, counts, and writes in the same transaction: of any number who reach for the
last place one gets it. Locks are taken in one order everywhere: job, user, brand. What is refused is not counted.
A personal API token is locked with its user: what comes with it needs a place of both. Commands act for no user and
have no limits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Min, QuerySet, Sum
from django.utils import timezone
from django_ratelimit.core import get_usage

from core import counts
from core.models import ApiToken
from core.refusals import Refusal
from crm.models import Brand
from enrichment.models import EnrichmentJob, JobStatus, Usage, UsageKind

WINDOW = timedelta(hours=24)
# One of many running jobs is likely to end soon; nobody can say when.
PARALLEL_RETRY_SECONDS = 10
RUNNING = (JobStatus.PENDING, JobStatus.PROCESSING, JobStatus.RETRYING)
# What a personal token may have of its own: the limit's name, and the token's column
TOKEN_KINDS = {
    UsageKind.DISCOVERY: ("token_discoveries", "discoveries_per_day"),
    UsageKind.ADDRESSES: ("token_addresses", "addresses_per_day"),
}
TOKEN_LIMITS = {name for name, _ in TOKEN_KINDS.values()}


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit and what is used of it.

    `reset_seconds` says when the next part of it is free (0: nothing is used, or nobody knows); `window` is its
    length in seconds, None for a limit on what there is at any moment.
    """

    name: str
    limit: int
    used: int
    reset_seconds: int = 0
    window: int | None = None

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


class LimitReached(Refusal):
    """A limit is used up: `limit` names it, `message` says what to do, `retry_after` when (seconds)."""

    status = 429

    def __init__(self, limit: str, sentence: str, retry_after: int, budgets: Sequence[Budget]) -> None:
        super().__init__("rate_limit_exceeded", sentence)
        self.limit = limit
        self.counted = (counts.LIMIT_HIT, limit)
        self.retry_after = retry_after
        self.budgets = budgets
        self.headers = {"Retry-After": str(retry_after), **headers(budgets)}


def gate(user: User, token: ApiToken | None = None) -> None:
    """Turn away without a lock whom django-ratelimit's counter shows at the limit. Raises LimitReached, RedisError.

    The counter is raised for accepted discoveries only. Its fixed window of 24 hours lies within the rolling one,
    so it never shows more than the ledger does; should it stray (a commit that failed), the ledger decides.
    """
    usage = _count(user, increment=False)
    if usage and usage["count"] >= usage["limit"]:
        _refuse_without_place(user, token)


def hold_discovery(user: User, token: ApiToken | None = None) -> None:
    """Lock the user's row and make sure that another discovery fits. Raises LimitReached. Call in a transaction."""
    _lock(user)
    _refuse_without_place(user, token)


def record_discovery(user: User, brand: Brand, token: ApiToken | None = None) -> None:
    """Take the place that `hold_discovery` found, last of all. Raises LimitReached for the brand, RedisError.

    The counter in Redis comes at the very end, so that a Redis that is gone rolls everything back.
    """
    list(Brand.objects.select_for_update(no_key=True).filter(pk=brand.pk).values_list("pk"))
    _refuse_full(
        user,
        _ledger("brand", settings.ENRICHMENT_LIMIT_BRAND_JOBS, Usage.objects.filter(brand=brand), UsageKind.DISCOVERY),
        "{used} of {limit} discoveries of this brand were started in the last 24 hours.",
        token,
    )
    Usage.objects.create(user=user, brand=brand, token=token, kind=UsageKind.DISCOVERY, at=timezone.now())
    _count(user, increment=True)


def hold_job(user: User, token: ApiToken | None = None) -> None:
    """Lock the user's row and make sure that another job may run. Raises LimitReached. Call in a transaction."""
    _lock(user)
    _refuse_parallel(user, token)


def address_budget(user: User, token: ApiToken | None = None) -> int:
    """Lock the user's row and return for how many people addresses may still be worked out. Call in a transaction."""
    return hold_addresses(user, token).remaining


def hold_addresses(user: User, token: ApiToken | None = None) -> Budget:
    """Lock the user's row and return the limit on addresses that is met first: the user's, or the token's."""
    _lock(user)
    return _tighter([_addresses(user), *_of_token(token, UsageKind.ADDRESSES)])


def use_addresses(user: User, number: int, brand: Brand | None = None, token: ApiToken | None = None) -> None:
    """Write down that addresses of so many people were worked out or verified; `address_budget` went before."""
    if number:
        Usage.objects.create(
            user=user, brand=brand, token=token, kind=UsageKind.ADDRESSES, amount=number, at=timezone.now()
        )


@transaction.atomic
def spend_addresses(user: User, number: int, token: ApiToken | None = None) -> None:
    """Take so many addresses at once. Raises LimitReached, and takes none, when they do not all fit."""
    _lock(user)
    for budget in (_addresses(user), *_of_token(token, UsageKind.ADDRESSES)):
        if budget.remaining < number:
            wait = budget.reset_seconds or math.ceil(WINDOW.total_seconds())
            with_token = " with this API token" if budget.name in TOKEN_LIMITS else ""
            sentence = (
                f"{budget.used} of {budget.limit} addresses were worked out or verified{with_token} in the last 24 "
                f"hours, so that {number} more do not fit: send fewer, or wait until places become free."
            )
            raise LimitReached(budget.name, sentence, wait, budgets(user, token))
    use_addresses(user, number, token=token)


def budgets(user: User, token: ApiToken | None = None) -> list[Budget]:
    """Return the user's limits: discoveries, addresses, parallel; then those that the token has of its own."""
    own = [budget for kind in TOKEN_KINDS for budget in _of_token(token, kind)]
    return [_discoveries(user), _addresses(user), _parallel(user), *own]


def headers(budgets: Sequence[Budget]) -> dict[str, str]:
    """Return an answer's headers for a user's limits, as `budgets` returns them.

    They are `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers), and the widespread
    `X-RateLimit-*`, which know one limit: that of discoveries, the user's or the token's, whichever is met first.
    """
    discoveries = _tighter([budget for budget in budgets if budget.name in ("discoveries", "token_discoveries")])
    return {
        "RateLimit-Policy": ", ".join(_item(budget, "q", budget.limit, "w", budget.window) for budget in budgets),
        "RateLimit": ", ".join(_item(budget, "r", budget.remaining, "t", budget.reset_seconds) for budget in budgets),
        "X-RateLimit-Limit": str(discoveries.limit),
        "X-RateLimit-Remaining": str(discoveries.remaining),
        "X-RateLimit-Reset": str(discoveries.reset_seconds),
    }


def _lock(user: User) -> None:
    # Without the key: an approval, which holds the brand and writes rows that refer to the user, must not wait for
    # this lock while its holder waits for the brand.
    list(User.objects.select_for_update(no_key=True).filter(pk=user.pk).values_list("pk"))


def _refuse_without_place(user: User, token: ApiToken | None) -> None:
    _refuse_parallel(user, token)
    said = "You have started {used} of {limit} discoveries in the last 24 hours."
    _refuse_full(user, _discoveries(user), said, token)
    for budget in _of_token(token, UsageKind.DISCOVERY):
        said = "{used} of {limit} discoveries were started with this API token in the last 24 hours."
        _refuse_full(user, budget, said, token)


def _refuse_parallel(user: User, token: ApiToken | None) -> None:
    budget = _parallel(user)
    if not budget.remaining:
        sentence = (
            f"{budget.used} of {budget.limit} jobs of one user are under way. Wait until one ends, or cancel one."
        )
        raise LimitReached(budget.name, sentence, PARALLEL_RETRY_SECONDS, budgets(user, token))


def _refuse_full(user: User, budget: Budget, sentence: str, token: ApiToken | None) -> None:
    if not budget.remaining:
        # Full with nothing used: the limit is 0.
        wait = budget.reset_seconds or math.ceil(WINDOW.total_seconds())
        sentence = sentence.format(used=budget.used, limit=budget.limit)
        sentence = f"{sentence} The next place is free in {_duration(wait)}."
        raise LimitReached(budget.name, sentence, wait, budgets(user, token))


def _tighter(budgets: Sequence[Budget]) -> Budget:
    """Return the budget of which the least is left; of several the one that stays so the longest."""
    return min(budgets, key=lambda budget: (budget.remaining, -budget.reset_seconds))


def _of_token(token: ApiToken | None, kind: UsageKind) -> list[Budget]:
    """Return the limit that a token has of its own for this kind, none where it has none."""
    if token is None:
        return []
    name, column = TOKEN_KINDS[kind]
    limit: int | None = getattr(token, column)
    return [] if limit is None else [_ledger(name, limit, Usage.objects.filter(token=token), kind)]


def _discoveries(user: User) -> Budget:
    rows = Usage.objects.filter(user=user)
    return _ledger("discoveries", settings.ENRICHMENT_LIMIT_DISCOVERIES, rows, UsageKind.DISCOVERY)


def _addresses(user: User) -> Budget:
    rows = Usage.objects.filter(user=user)
    return _ledger("addresses", settings.ENRICHMENT_LIMIT_EMAILS, rows, UsageKind.ADDRESSES)


def _parallel(user: User) -> Budget:
    running = EnrichmentJob.objects.filter(created_by=user, status__in=RUNNING).count()
    return Budget("parallel", settings.ENRICHMENT_LIMIT_PARALLEL_JOBS, running)


def _ledger(name: str, limit: int, rows: QuerySet[Usage], kind: UsageKind) -> Budget:
    """Return what the ledger's `rows` of this kind used in the last 24 hours."""
    now = timezone.now()
    current = rows.filter(kind=kind, at__gt=now - WINDOW)
    found = current.aggregate(used=Sum("amount"), oldest=Min("at"))
    used = found["used"] or 0
    leaves = found["oldest"] if used <= limit else _last_beyond(current, used, limit)
    reset = math.ceil((leaves + WINDOW - now).total_seconds()) if leaves else 0
    return Budget(name, limit, used, reset, math.ceil(WINDOW.total_seconds()))


def _last_beyond(current: QuerySet[Usage], used: int, limit: int) -> datetime | None:
    """Return the entry with which a place becomes free, after the limit was lowered below what was used before."""
    for at, amount in current.order_by("at").values_list("at", "amount")[: used - limit + 1]:
        used -= amount
        if used < limit:
            return at
    return None


def _count(user: User, *, increment: bool) -> dict[str, Any] | None:
    """Ask django-ratelimit, or count one more. It needs no request: the key is the user's."""
    usage: dict[str, Any] | None = get_usage(
        None,
        group="enrichment",
        key=lambda _group, _request: f"enrichment:{user.pk}",
        rate=f"{settings.ENRICHMENT_LIMIT_DISCOVERIES}/d",
        increment=increment,
    )
    return usage


def _item(budget: Budget, key: str, value: int, optional: str, seconds: int | None) -> str:
    """Return an item with parameters, as structured fields write it (RFC 9651)."""
    return f'"{budget.name}";{key}={value}' + (f";{optional}={seconds}" if seconds else "")


def _duration(seconds: int) -> str:
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
