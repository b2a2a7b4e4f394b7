"""Discoveries started from the pages: one, or as many of a list as fit. What is sent twice is started once."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import User
from redis.exceptions import RedisError

from core import counts
from core.refusals import Refusal
from enrichment import idempotency, jobs
from enrichment.idempotency import Json
from enrichment.intake import DiscoveryRequest, RegionRestricted
from enrichment.limits import LimitReached
from enrichment.review.brand_lists import Line
from enrichment.review.discover_forms import sentence

NO_QUEUE = "The queue does not answer, so nothing was started. Try again in a moment."


class NotStarted(Exception):
    """A discovery that could not be started: why, in a sentence, and the HTTP status of that.

    `for_all`: it holds for every other discovery of this user too, for now. `refusal`: the rule that it met, if one.
    """

    def __init__(self, reason: str, status: int, *, for_all: bool = False, refusal: Refusal | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.for_all = for_all
        self.refusal = refusal
        retry_after = refusal.retry_after if isinstance(refusal, LimitReached) else None
        self.headers = {"Retry-After": str(retry_after)} if retry_after else {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: the job that was started, or why none was, and the HTTP status of that."""

    job: str = ""
    reason: str = ""
    status: int = 200


def start(request: DiscoveryRequest, user: User, once: str) -> UUID:
    """Start a discovery and return its job; the one that was started before for the same page and the same request.

    Raises NotStarted.
    """
    wanted = [request.brand_name, request.website, request.linkedin_company_url, request.region]
    wanted += [] if request.compliance_mode else ["rules only warn"]
    try:
        return UUID(_once(user, once, wanted, lambda: {"job": _create(request, user)})["job"])
    except NotStarted as error:
        _count(error.refusal)
        raise


def start_all(lines: Iterable[Line], user: User, once: str) -> dict[int, Outcome]:
    """Start a discovery for each of these lines in turn and return what became of each, by its number.

    When the user's limits are used up or Redis is gone, none of those that follow is tried.
    """
    wanted = [(line.number, line.request, line.raw) for line in lines if line.request]
    met: list[Refusal] = []
    result = _once(
        user,
        once,
        [raw for _, _, raw in wanted],
        lambda: _create_all(((number, request) for number, request, _ in wanted), user, met),
    )
    for refusal in met:
        _count(refusal)
    return {int(number): Outcome(**outcome) for number, outcome in result.items()}


def _count(refusal: Refusal | None) -> None:
    if refusal is not None:
        counts.refused(refusal)


def _create_all(wanted: Iterable[tuple[int, DiscoveryRequest]], user: User, met: list[Refusal]) -> Json:
    """Start them, as far as it goes, and add to `met` the rules that were met, which are counted once it is over."""
    outcomes: Json = {}
    end: NotStarted | None = None
    for number, request in wanted:
        try:
            if end is not None:
                raise end
            outcomes[str(number)] = {"job": _create(request, user)}
        except NotStarted as error:
            if error.refusal is not None and error is not end:
                met.append(error.refusal)
            end = error if error.for_all else None
            outcomes[str(number)] = {"reason": str(error), "status": error.status}
    return outcomes


def _create(request: DiscoveryRequest, user: User) -> str:
    """Return the id of a new job. Raises NotStarted."""
    try:
        return str(jobs.create(request, user).pk)
    except LimitReached as error:
        of_user = error.limit != "brand"
        raise NotStarted(error.message, error.status, for_all=of_user, refusal=error) from error
    except RegionRestricted as error:
        raise NotStarted(sentence(error), error.status, refusal=error) from error
    except RedisError as error:
        raise NotStarted(NO_QUEUE, 503, for_all=True) from error


def _once(user: User, once: str, wanted: list[str | None], action: Callable[[], Json]) -> Json:
    """Do it, or return what came of it when the same page asked for the same before."""
    if not (once.isascii() and once.isalnum()):
        return action()
    key = hashlib.sha256("\n".join([once, *(text or "" for text in wanted)]).encode()).hexdigest()
    return idempotency.run(user, "start discoveries", key, wanted, action)[0]
