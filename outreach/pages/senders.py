"""The senders: who we write as, whether each is in a state to send, and pausing and resuming one."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from core.pages import NoColons, action, allowed, back, paginated, user_of
from outreach import health, mailboxes, preflight
from outreach.models import Mailbox

from .common import page


class MailboxForm(NoColons, forms.ModelForm):
    privacy_url = forms.URLField(label="Privacy notice", max_length=500, required=False, assume_scheme="https")

    def clean_address(self) -> str:
        try:
            return mailboxes.clean_address(self.cleaned_data["address"], self.instance)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    class Meta:
        model = Mailbox
        fields = [
            "address",
            "sender_name",
            "company",
            "postal_address",
            "privacy_url",
            "signature",
            "daily_cap",
            "dkim_selector",
            "active",
        ]
        widgets = {
            "postal_address": forms.Textarea(attrs={"rows": 3}),
            "signature": forms.Textarea(attrs={"rows": 4}),
        }
        help_texts = {
            "dkim_selector": "The name before ._domainkey in your DNS; your mail service tells it.",
            "active": "Unticked: nothing new goes out from it.",
        }


@allowed("outreach.view_mailbox")
def listing(request: HttpRequest) -> HttpResponse:
    shown = paginated(request, Mailbox.objects.all())
    found = health.check_many(shown, timezone.now())
    rows = [(mailbox, found[mailbox.pk], preflight.problems(mailbox)) for mailbox in shown]
    return page(request, "outreach/senders.html", page=shown, rows=rows)


@allowed("outreach.view_mailbox", methods=("GET", "HEAD", "POST"))
def edit(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    mailbox = get_object_or_404(Mailbox, pk=pk) if pk else None
    may = user_of(request).has_perm(f"outreach.{'change' if pk else 'add'}_mailbox")
    if not may and (request.method == "POST" or mailbox is None):
        raise PermissionDenied
    form = MailboxForm(request.POST or None, instance=mailbox)
    if request.method == "POST" and form.is_valid():
        row = form.save(commit=False)
        mailboxes.save(row, user_of(request))
        messages.success(request, f"{row} is saved." if pk else f"{row} is saved. Check it now, before it sends.")
        return redirect("outreach:sender", row.pk)
    row = Mailbox.objects.get(pk=pk) if pk else None  # as it is stored, whatever was typed
    return page(
        request,
        "outreach/sender.html",
        mailbox=row,
        form=form,
        may=may,
        health=health.check(row, timezone.now()) if row else None,
        checks=row.preflight.items() if row else (),
    )


@action("outreach.change_mailbox")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Check a sender's domain now, pause it or resume it."""
    mailbox = get_object_or_404(Mailbox, pk=pk)
    if do == "pause":
        mailboxes.pause(mailbox, f"Paused by {user_of(request).get_username()}.", user_of(request))
        messages.success(request, f"{mailbox} is paused: nothing goes out from it until somebody resumes.")
    elif do == "resume":
        mailboxes.resume(mailbox, user_of(request))
        messages.success(request, f"{mailbox} sends again. Bounces and complaints from before count no more.")
    elif do == "check":
        preflight.run(mailbox)
        mailbox.refresh_from_db()
        found = preflight.problems(mailbox)
        if found:
            messages.error(request, "The check found something to mend: " + " ".join(found))
        else:
            messages.success(request, "Checked: nothing is definitely wrong.")
    else:
        raise Http404
    return back(request, "outreach:sender", pk)
