"""Sequences: the list, the editor of steps, and pausing, resuming and stopping a whole sequence."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.pages import action, allowed, back, paginated, user_of
from outreach import enrolments as running
from outreach import sequences as editing
from outreach.models import Enrolment, Message, Sequence

from . import enrolments
from .common import page
from .sequence_forms import NameForm, SequenceForm, changed, filled, steps_from, steps_of


@allowed()
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the first page of outreach that one may see."""
    pages = ("sequence", "template", "enrolment", "task", "event", "experiment", "mailbox")
    names = {"mailbox": "outreach:senders"}
    for name in pages:
        if user_of(request).has_perm(f"outreach.view_{name}"):
            return redirect(names.get(name, f"outreach:{name}s"))
    return redirect("admin:index")


@allowed("outreach.view_sequence")
def listing(request: HttpRequest) -> HttpResponse:
    rows = (
        Sequence.objects.select_related("mailbox")
        .annotate(
            open=Count("enrolments", Q(enrolments__state__in=Enrolment.OPEN), distinct=True),
            everybody=Count("enrolments", distinct=True),
            versions_made=Count("versions", distinct=True),
        )
        .order_by("created_at", "id")
    )
    return page(request, "outreach/sequences.html", page=paginated(request, rows))


@allowed("outreach.add_sequence", methods=("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    form = NameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sequence = editing.create(form.cleaned_data["name"], user_of(request))
        except ValueError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, "The sequence is made. Add its steps, then switch it on.")
            return redirect("outreach:sequence", sequence.pk)
    return page(request, "outreach/sequence_new.html", form=form)


@action("outreach.add_sequence", "outreach.view_sequence")
def copy(request: HttpRequest, pk: UUID) -> HttpResponse:
    sequence = get_object_or_404(Sequence, pk=pk)
    taken = set(Sequence.objects.values_list("name", flat=True))
    names = (f"{sequence.name[:85]}, copy{'' if n == 1 else f' {n}'}" for n in range(1, len(taken) + 2))
    made = editing.copy(sequence, next(name for name in names if name not in taken), user_of(request))
    messages.success(request, f"“{made}” has the same steps. It is switched off until you switch it on.")
    return redirect("outreach:sequence", made.pk)


@allowed("outreach.view_sequence", methods=("GET", "HEAD", "POST"))
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The editor: buttons that add, move and remove steps change the form alone; only Save writes."""
    sequence = get_object_or_404(Sequence.objects.select_related("mailbox"), pk=pk)
    version = editing.current(sequence)
    may = user_of(request).has_perm("outreach.change_sequence")
    if request.method != "POST":
        form, steps = SequenceForm(initial=filled(sequence)), steps_of(version)
    elif not may:
        raise PermissionDenied
    else:
        form, steps = SequenceForm(request.POST), steps_from(request.POST)
        do = request.POST.get("do", "save")
        if do != "save":
            steps = changed(steps, do)
        elif form.is_valid() and steps.is_valid() and (saved := _save(request, sequence, form, steps)):
            return saved
    return page(
        request,
        "outreach/sequence.html",
        sequence=sequence,
        version=version,
        form=form,
        steps=steps,
        may=may,
        enrolled=version.enrolments.count(),
        counts=_counts(sequence),
        versions=sequence.versions.all()[:10],
        advice=editing.advice(editing.steps_of(version)),
    )


def _save(request: HttpRequest, sequence: Sequence, form: SequenceForm, steps: Any) -> HttpResponse | None:
    """Save it all or nothing, and say whether there is a new version; None, with the form's errors, otherwise."""
    before, data = editing.current(sequence), form.cleaned_data
    try:
        with transaction.atomic():
            after = editing.save_steps(sequence, steps.data_of_steps(), user_of(request))
            if data["name"] != sequence.name:
                editing.rename(sequence, data["name"], user_of(request))
            editing.set_mailbox(sequence, data["mailbox"], user_of(request))
            editing.set_weekdays(sequence, data["weekdays"], user_of(request))
            editing.activate(sequence, data["active"], user_of(request))
    except ValueError as error:
        form.add_error(None, str(error))
        return None
    if after.pk == before.pk:
        messages.success(request, "Saved.")
    else:
        text = (
            f"Saved as version {after.number}. Whoever is enrolled already goes on with the steps as they were; "
            "everybody enrolled from now on gets the new ones."
        )
        messages.success(request, text)
    return redirect("outreach:sequence", sequence.pk)


def _counts(sequence: Sequence) -> dict[str, int]:
    """Return how many enrolments are in each state, and how many messages wait."""
    rows = Enrolment.objects.filter(sequence=sequence).order_by().values_list("state").annotate(Count("pk"))
    waiting = Message.objects.filter(enrolment__sequence=sequence, state__in=Message.WAITING)
    return {**dict(rows), "waiting": waiting.count()}


@action("outreach.change_sequence", "outreach.change_enrolment")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Pause or resume the whole sequence, or stop all of its enrolments."""
    sequence = get_object_or_404(Sequence, pk=pk)
    if do == "stop":
        count = enrolments.apply("stop", Q(sequence=sequence), request)
        messages.success(request, enrolments.sentence("stop", count))
    elif do in ("pause", "resume"):
        if do == "pause":
            running.pause_sequence(sequence, user_of(request))
            text = f"“{sequence}” is paused: nothing of it goes out until somebody resumes."
        else:
            moved = running.resume_sequence(sequence, user_of(request))
            text = f"“{sequence}” goes on. {moved} overdue messages got a new date."
        messages.success(request, text)
    else:
        raise Http404
    return back(request, "outreach:sequence", pk)
