"""One attempt of a job, whatever its type: claim it, do the work, and let the job's row say how it went."""

import uuid
from collections.abc import Callable

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from enrichment import intake, jobs

log = structlog.get_logger(__name__)

Progress = Callable[[str], None]  # told in a line how far the attempt is


def run(job_id: uuid.UUID, work: Callable[[jobs.Claim], None], *, out_of_time: str, unexpected: str) -> bool:
    """Run one attempt of the job by `work`; False when it was not due or another worker holds it.

    Never raises for what happens inside the attempt. The sentences tell the user what to do: `out_of_time` is given
    {seconds}, `unexpected` {kind} and {job}.
    """
    held = jobs.claim(job_id)
    if held is None:
        return False
    with structlog.contextvars.bound_contextvars(job=str(job_id)):
        try:
            work(held)
        except jobs.ClaimLost:
            log.warning("the job is no longer this worker's: nothing written")
        except intake.RegionRestricted as refusal:
            _fail(held, str(refusal))
        except SoftTimeLimitExceeded:
            _fail(held, out_of_time.format(seconds=settings.JOB_TIME_LIMIT_SECONDS))
        except Exception as error:
            # Whatever it was, the job's row must say how the attempt ended.
            log.exception("the attempt failed")
            _fail(held, unexpected.format(kind=type(error).__name__, job=job_id))
    return True


def _fail(held: jobs.Claim, sentence: str) -> None:
    try:
        jobs.fail(held, sentence)
    except jobs.ClaimLost:
        log.warning("the job is no longer this worker's: its failure is not recorded")
