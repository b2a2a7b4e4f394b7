"""What a person does by hand: messages on LinkedIn and e-mails sent by oneself, with the text ready to copy."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from core.pages import action, allowed, back, paginated, user_of
from outreach import linkedin, manual_steps, notices
from outreach.models import Task
from outreach.texts import Text

from .common import Filters, choices, noted, page
from .texts import text_of

TOLD = "With the message that was sent by hand."
SAID = {
    "done": "Done. The steps after it follow from today.",
    "skip": "Skipped. The steps after it follow from today.",
    "replied": "Noted as a reply: the sequence stops for this person.",
}


class TaskFilters(Filters):
    state = forms.ChoiceField(choices=choices(Task.State.choices, "To do"), required=False)
    owner = forms.ModelChoiceField(
        User.objects.filter(is_staff=True, is_active=True), required=False, empty_label="Everybody"
    )


@allowed("outreach.view_task", "outreach.view_message")
def listing(request: HttpRequest) -> HttpResponse:
    filters = TaskFilters(request.GET)
    related = "message__enrolment__contact__brand", "message__step__template", "message__enrolment__sequence", "owner"
    rows = Task.objects.select_related(
        *related,
        "message__enrolment__enrolled_by",
        "message__enrolment__mailbox",
        "message__mailbox",
        "message__experiment__variant",
        "message__enrolment__address",
    )
    rows = rows.filter(state=filters.value("state") or Task.State.OPEN)
    if owner := filters.value("owner"):
        rows = rows.filter(owner=owner)
    shown = noted("tasks.listed", paginated(request, rows), request)
    untold = {task.message.enrolment.contact_id for task in shown}
    untold -= notices.told(untold)
    return page(
        request,
        "outreach/tasks.html",
        filters=filters,
        page=shown,
        tasks=[_shown(task, untold) for task in shown],
    )


def _shown(task: Task, untold: set[UUID]) -> tuple[Task, Text, str, str]:
    """Return a task, its text, a link to the person's profile, and what still has to be told them ("": nothing)."""
    contact = task.message.enrolment.contact
    tell = ""
    if contact.pk in untold and task.state == Task.State.OPEN:
        tell = notices.short_text(
            contact, task.message.enrolment.address, task.message.mailbox or task.message.enrolment.mailbox
        )
    return task, text_of(task.message), linkedin.link_for(contact), tell


@action("outreach.change_task")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Say that a task is done, skipped, or was answered."""
    task = get_object_or_404(Task, pk=pk)
    act = {"done": manual_steps.done, "skip": manual_steps.skip, "replied": manual_steps.replied}.get(do)
    if act is None:
        raise Http404
    try:
        if do == "done":
            manual_steps.done(task, user_of(request), TOLD if request.POST.get("told") else "")
        else:
            act(task, user_of(request))
    except ValueError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, SAID[do])
    return back(request, "outreach:tasks")
