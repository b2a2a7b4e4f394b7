"""Jobs: the list, and one of them as it runs."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from redis.exceptions import RedisError

from core import counts
from core.pages import action, allowed, back, paginated, user_of
from core.refusals import Refusal
from enrichment import disclosure, jobs
from enrichment.limits import RUNNING
from enrichment.models import EnrichmentJob, JobType
from enrichment.review import job_list, job_results, job_words
from enrichment.review.job_live import Live, live

NO_REDIS = "Nothing was changed, since Redis does not answer. Start it (“make run” does), then try again."
RETRIED = "A new round of attempts has begun."
CANCELLED = "The job is cancelled."


@allowed("enrichment.view_enrichmentjob")
def listing(request: HttpRequest) -> HttpResponse:
    filters, rows = job_list.matching(request.GET)
    page = paginated(request, rows)
    mark = job_list.mark(page)
    htmx = request.htmx  # type: ignore[attr-defined]
    if htmx and request.headers.get("Jobs-Mark") == mark:
        return HttpResponse(status=204)  # nothing to swap
    context = {
        "filters": filters,
        "page": page,
        "rows": [(job, job_words.title(job), job_words.took_in_all(job)) for job in page],
        "mark": mark,
        "running": any(job.status in RUNNING for job in page),
        "counts": job_list.counts(),
    }
    return render(request, "review/jobs_rows.html" if htmx else "review/jobs.html", context)


@allowed("enrichment.view_enrichmentjob")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    return render(request, "review/job.html", _whole(request, _live(pk)))


@allowed("enrichment.view_enrichmentjob")
def progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What has changed since the page was shown: a part of it, or all of it when the job has come to another phase."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("review:job", pk)
    view = _live(pk)
    if request.headers.get("Job-Phase") == view.phase:
        said = request.headers.get("Job-Said") == view.key
        return render(request, "review/job_live.html", {"live": view, "say": not said, "job": view.job})
    answer = render(request, "review/job_body.html", {**_whole(request, view), "say": True})
    answer["HX-Retarget"], answer["HX-Reswap"] = "#job", "outerHTML"
    return answer


@action("enrichment.change_enrichmentjob")
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    try:
        cache.get("retry")  # without Redis nobody would hear of the job
        jobs.retry(pk, user_of(request))
    except EnrichmentJob.DoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        counts.refused(refusal)
        messages.error(request, refusal.message)
    except RedisError:
        messages.error(request, NO_REDIS)
    else:
        messages.success(request, RETRIED)
    return back(request, "review:job", pk)


@action("enrichment.change_enrichmentjob")
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    try:
        jobs.cancel(pk)
    except EnrichmentJob.DoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, CANCELLED)
    return back(request, "review:job", pk)


def _live(pk: UUID) -> Live:
    rows = EnrichmentJob.objects.select_related("created_by", "progress")
    return live(get_object_or_404(rows, pk=pk), timezone.now())


def _whole(request: HttpRequest, view: Live) -> dict[str, Any]:
    """Return what the whole page shows of a job: beside how it is doing, what came of it so far."""
    job, may = view.job, request.user.has_perm
    context: dict[str, Any] = {
        "live": view,
        "job": job,
        "title": job_words.title(job),
        "notes": job_words.notes(job.diagnostics) if view.ended else {},
    }
    if job.job_type == JobType.EMAIL_ENRICHMENT:
        if may("enrichment.view_contactemail") and (view.ended or job.items_processed):
            page, context["rows"] = job_results.items(request, job)
            context["page"] = page
            seen = [item.contact_id for item in page if item.contact_id]
            disclosure.listed_ids(seen, job=job.pk, results=len(page))
    elif view.ended and may("enrichment.view_enrichedcontact"):
        context["results"] = job_results.contacts(job, may("enrichment.view_contactemail"))
        disclosure.listed(context["results"].contacts, job=job.pk)
    return context
