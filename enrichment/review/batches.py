"""Decisions about one or many contacts: made, looked at, confirmed, undone. batch_pages.py says what is shown."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh

from core.pages import action, allowed, back, paginated, user_of
from enrichment import batches
from enrichment.batches import NotPossible
from enrichment.models import BatchKind, BatchState, Outcome, ReviewBatch

from . import batch_choice, batch_pages, list_state, selection
from .job_words import counted

FEW = 50  # so many are rejected without asking
SEE = ("enrichment.view_enrichedcontact", "enrichment.view_reviewbatch")
NOBODY = "Nobody is selected: tick the boxes of the contacts first."
DONE_WORDS = {BatchKind.APPROVE: "approved", BatchKind.REJECT: "rejected", BatchKind.DELETE: "deleted"}
UNDONE_WORDS = {BatchKind.APPROVE: "The approval", BatchKind.REJECT: "The rejection"}


@allowed(*SEE)
def listing(request: HttpRequest) -> HttpResponse:
    drafts_first = Case(When(state=BatchState.DRAFT, then=Value(0)), default=Value(1))
    rows = ReviewBatch.objects.select_related("user", "sequence").order_by(drafts_first, "-created_at", "-id")
    page = paginated(request, rows.defer("filters"))
    batch_pages.listed(page.object_list, request.user)
    return render(request, "review/batches.html", {"page": page})


@action("enrichment.view_enrichedcontact")
def create(request: HttpRequest) -> HttpResponse:
    """Make a decision about the chosen contacts; rejecting a few is done at once, all else is looked at first."""
    kind, everything = request.POST.get("kind", ""), bool(request.POST.get("everything"))
    if kind not in BatchKind.values:
        return _answer(request, _failed(request, NotPossible("Choose what is to be done: approve, reject or delete.")))
    _require(request, kind)
    rows = selection.chosen(request.POST)
    try:
        if rows is None:
            raise NotPossible(NOBODY)
        newest_first = rows.order_by("-created_at", "-pk").distinct().values_list("pk", flat=True)
        batch = batches.make(
            kind,
            newest_first[: batches.MOST + 1],
            user_of(request),
            filters=list_state.read(QueryDict(request.POST.get("filters", ""))).query() if everything else None,
            reason=request.POST.get("reason", ""),
        )
    except NotPossible as error:
        return _answer(request, _failed(request, error))
    if kind != BatchKind.REJECT or everything or batch.total > FEW:
        return _answer(request, redirect("review:batch", batch.pk))
    _tell(request, batches.confirm(batch.pk, user_of(request)))
    return _answer(request, back(request, "review:contacts"))


@allowed(*SEE)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a decision as it stands; while it is carried out, the page asks again and again by htmx."""
    batch = _one(pk)
    if batch.state == BatchState.DRAFT:
        return _draft(request, batch, "review/batch.html")
    if _by_htmx(request) and batch.state != BatchState.RUNNING:
        return HttpResponseClientRefresh()
    context = _context(request, batch)
    if batch.state == BatchState.RUNNING:
        template = "review/batch_running.html" if _by_htmx(request) else "review/batch.html"
        return render(request, template, context | batch_pages.progress(batch))
    return render(request, "review/batch.html", context | batch_pages.result(request, batch))


@allowed(*SEE)
def preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the part of an approval's page that changes with what is chosen."""
    batch = _one(pk)
    if not _by_htmx(request) or batch.state != BatchState.DRAFT:
        page = f"{reverse('review:batch', args=[pk])}?{request.GET.urlencode()}"
        return _answer(request, HttpResponseRedirect(page))
    return _draft(request, batch, "review/batch_draft.html")


@action(*SEE)
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Carry a decision out, or go on with one that was left in the middle."""
    batch = _one(pk)
    _require(request, batch.kind)
    try:
        if batch.state == BatchState.DRAFT and batch.kind == BatchKind.APPROVE:
            choice = batch_choice.read(request.POST)
            chosen = choice.sequence and str(choice.sequence.pk) == request.POST.get("sequence")
            if not chosen or choice.fingerprint != request.POST.get("steps"):
                raise NotPossible(batches.CHANGED)
            sequence_id = choice.sequence.pk if choice.sequence else None
            batch = batches.confirm(pk, user_of(request), sequence_id, choice.template_ids)
        else:
            batch = batches.confirm(pk, user_of(request))
    except NotPossible as error:
        messages.error(request, str(error))
    else:
        if batch.state == BatchState.DONE:
            _tell(request, batch)
    return _answer(request, redirect("review:batch", pk))


@action(*SEE)
def discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    batch = _one(pk)
    if batch.user != request.user:
        _require(request, batch.kind)
    if batches.discard(pk):
        messages.success(request, "Discarded. Nothing was done to the contacts.")
    else:
        messages.warning(request, "It was confirmed meanwhile. Look under Decisions what came of it.")
    page = reverse("review:contacts")
    query = QueryDict(batch.filters).urlencode() if batch.filters else ""
    return _answer(request, HttpResponseRedirect(f"{page}?{query}" if query else page))


@action(*SEE)
def undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    _undo(request, _one(pk))
    return HttpResponseClientRefresh() if _by_htmx(request) else back(request, "review:batch", pk)


@action(*SEE)
def undo_last(request: HttpRequest) -> HttpResponse:
    """Undo the latest decision of the user of which something can be undone."""
    batch = batches.last_undoable(user_of(request))
    if batch is None:
        messages.warning(request, "There is nothing to undo: none of your decisions can be taken back any more.")
    else:
        _undo(request, batch)
    return HttpResponseClientRefresh() if _by_htmx(request) else back(request, "review:batches")


def _undo(request: HttpRequest, batch: ReviewBatch) -> None:
    _require(request, batch.kind)
    try:
        undone = batches.undo(batch.pk, user_of(request))
    except NotPossible as error:
        messages.error(request, str(error))
        return
    if undone.undone:
        number = counted(undone.undone, "contact", "contacts")
        messages.success(request, f"{UNDONE_WORDS[BatchKind(batch.kind)]} of {number} was undone.")
    for reason, number_kept in undone.kept.items():
        number = counted(number_kept, "contact", "contacts")
        messages.warning(request, f"{number}: {batch_pages.REASONS[reason]}")


def _draft(request: HttpRequest, batch: ReviewBatch, template: str) -> HttpResponse:
    context = _context(request, batch)
    if batch.kind == BatchKind.APPROVE:
        return render(request, template, context | batch_pages.draft(request, batch))
    return render(request, template, context | batch_pages.plain_draft(request, batch))


def _context(request: HttpRequest, batch: ReviewBatch) -> dict[str, Any]:
    may = request.user.has_perm(batch_pages.PERMISSIONS[BatchKind(batch.kind)])
    return {"batch": batch, "may": may, "filter_words": batch_pages.filter_words(batch)}


def _one(pk: UUID) -> ReviewBatch:
    return get_object_or_404(ReviewBatch.objects.select_related("user", "sequence"), pk=pk)


def _require(request: HttpRequest, kind: str) -> None:
    if not request.user.has_perm(batch_pages.PERMISSIONS[BatchKind(kind)]):
        raise PermissionDenied


def _failed(request: HttpRequest, error: NotPossible) -> HttpResponseRedirect:
    messages.error(request, str(error))
    return back(request, "review:contacts")


def _tell(request: HttpRequest, batch: ReviewBatch) -> None:
    """Say what came of a decision, with the way to undo it."""
    numbers = batch_pages.counts([batch]).get(batch.pk, {})
    done, skipped = numbers.get(Outcome.DONE, 0), numbers.get(Outcome.SKIPPED, 0)
    page = reverse("review:batch", args=[batch.pk])
    if done:
        text = f"{counted(done, 'contact', 'contacts')} {DONE_WORDS[BatchKind(batch.kind)]}."
        if batch.kind == BatchKind.DELETE:
            messages.success(request, text)
        else:
            undo_it = format_html(
                '<a href="{}" hx-post="{}" hx-swap="none" data-key="u">Undo</a>',
                page,
                reverse("review:batch-undo", args=[batch.pk]),
            )
            messages.success(request, format_html("{} {}", text, undo_it))
    if skipped:
        text = f"{counted(skipped, 'contact', 'contacts')} skipped."
        messages.warning(request, format_html('{} <a href="{}">See why.</a>', text, page))


def _answer(request: HttpRequest, answer: HttpResponseRedirect) -> HttpResponse:
    """Return a redirect; htmx is told to load the whole page."""
    return HttpResponseClientRedirect(answer.url) if _by_htmx(request) else answer


def _by_htmx(request: HttpRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]
