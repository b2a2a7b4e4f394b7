"""One found contact, in the drawer or on a page of its own."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from core import counts
from core.pages import action, allowed, back, user_of
from core.refusals import InputError
from enrichment import contact_checks, disclosure, editing, evidence_checks, limits, notes, providers
from enrichment.api.means import asks_others
from enrichment.api.waiting import long_place
from enrichment.models import ContactEmail, EnrichedContact
from enrichment.verifying import Means

from . import contact_page
from .contact_forms import EditForm, NoteForm

# A page must not keep somebody waiting for long: so much for all mail servers together. A job has more time.
SECONDS = 20.0
PLACES = 6  # digits of the number of a claim

BUSY = "Too many who ask servers outside are at it just now. Try again in half a minute."
ANSWERS = {
    True: "It still stands on the page.",
    False: "It does not stand on the page any more.",
    None: "Whether it still stands there could not be told: the page cannot be read just now, or may not be.",
}


@allowed("enrichment.view_enrichedcontact")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    answer = _shown(request, pk)
    disclosure.viewed(pk)
    return answer


def _shown(request: HttpRequest, pk: UUID, note_form: NoteForm | None = None) -> HttpResponse:
    """Return the contact as a page, or for htmx its body."""
    given = contact_page.context(request, contact_page.load(pk), note_form)
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "review/contact_body.html", given)
    return render(request, "review/contact.html", given, status=400 if note_form else 200)


def _done(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the contact as it is now, with the messages."""
    return _shown(request, pk) if request.htmx else back(request, "review:contact", pk)  # type: ignore[attr-defined]


@action("enrichment.view_enrichedcontact", "enrichment.change_enrichedcontact")
def verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Verify the contact's addresses anew, or work one out. Each counts as one of the user's addresses."""
    contact_page.load(pk)
    wants_providers = bool(request.POST.get("providers")) and bool(providers.from_settings())
    means = Means(smtp=settings.ENRICHMENT_SMTP_PROBE, providers=wants_providers)
    with long_place() as held:
        if asks_others(means) and not held:
            messages.error(request, BUSY)
            return _done(request, pk)
        _verify(request, pk, means)
    return _done(request, pk)


def _verify(request: HttpRequest, pk: UUID, means: Means) -> None:
    user = user_of(request)
    try:
        # One without an address gets one worked out.
        limits.spend_addresses(user, max(1, ContactEmail.objects.filter(enriched_contact=pk).count()))
    except limits.LimitReached as error:
        counts.refused(error)
        messages.error(request, error.message)
        return
    written = contact_checks.verify([pk], means, user, seconds=SECONDS).get(pk, [])
    messages.success(request, _what_came_of_it(len(written), means))


def _what_came_of_it(number: int, means: Means) -> str:
    if not number:
        return "No address could be worked out: the company's domain, or one of the names, is not known."
    checked = "1 address was checked" if number == 1 else f"{number} addresses were checked"
    if means.smtp:
        return f"{checked}; mail servers were asked where that could tell anything."
    return f"{checked}. Mail servers were not asked: this installation does not (ENRICHMENT_SMTP_PROBE)."


@action("enrichment.view_enrichedcontact", "enrichment.add_contactnote")
def add_note(request: HttpRequest, pk: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _shown(request, pk, form)
    notes.add(contact_page.load(pk), form.cleaned_data["text"], user_of(request))
    messages.success(request, "The note is kept.")
    return _done(request, pk)


@action("enrichment.view_enrichedcontact", "enrichment.change_enrichedcontact")
def check_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look whether a claim is still on its page; the answer is kept with the claim."""
    index = request.POST.get("entry", "")
    if not index.isdecimal() or len(index) > PLACES:
        raise Http404
    with long_place() as held:
        if not held:
            messages.error(request, BUSY)
            return _done(request, pk)
        try:
            answer = evidence_checks.check(pk, int(index), user_of(request))
        except EnrichedContact.DoesNotExist as error:
            raise Http404 from error
        except InputError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, ANSWERS[answer])
    return _done(request, pk)


@allowed("enrichment.view_enrichedcontact", "enrichment.change_enrichedcontact", methods=("GET", "HEAD", "POST"))
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Correct a contact by hand."""
    contact = contact_page.load(pk)
    form = EditForm(contact, request.POST if request.method == "POST" else None)
    if form.is_valid() and _is_saved(request, pk, form):
        return redirect("review:contact", pk)
    disclosure.viewed(pk, part="form")
    return render(
        request, "review/contact_edit.html", {"contact": contact, "form": form}, status=400 if form.errors else 200
    )


def _is_saved(request: HttpRequest, pk: UUID, form: EditForm) -> bool:
    """Save what was changed, and say so; a refusal is noted in the form."""
    changes = form.changes
    if not changes:
        messages.info(request, "Nothing was changed.")
        return True
    try:
        editing.edit(pk, changes, user_of(request))
    except InputError as error:
        form.add_error("email" if "email" in changes else None, error.message)
        return False
    except EnrichedContact.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, "Saved. The source is “manual” now: later discoveries leave what you changed alone.")
    return True
