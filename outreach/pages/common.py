"""What the pages of outreach share: the banners above them, the search for people, the columns lists leave out."""

from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.core.paginator import Page
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.fields import blind_index, normalise_email
from core.names import name_key
from core.pages import NoColons
from outreach import audited, readiness
from outreach.models import Mailbox

Row = TypeVar("Row", bound=Model)

SWITCHED_OFF = (
    "Sending is off: messages stay in the outbox. Set OUTREACH_SEND_ENABLED=true, and EMAIL_URL or ANYMAIL_ESP, "
    "then restart."
)
NO_WAY_OUT = (
    "Sending is off: messages stay in the outbox. OUTREACH_SEND_ENABLED is true, but there is no mail server: set "
    "EMAIL_URL or ANYMAIL_ESP, then restart."
)


def page(request: HttpRequest, name: str, /, **context: Any) -> HttpResponse:
    """Return a page of outreach from the template `name`, with what everybody should know above it."""
    return render(request, name, {"banners": banners(), **context})


def banners() -> list[SafeString | str]:
    """Return what keeps messages from going out at all, a sentence each. One query."""
    if not settings.OUTREACH_SEND_ENABLED:
        found: list[SafeString | str] = [SWITCHED_OFF]
    elif not (settings.EMAIL_URL or settings.ANYMAIL_ESP):
        found = [NO_WAY_OUT]
    else:
        found = [] if settings.OUTREACH_PUBLIC_URL else [readiness.NO_PUBLIC_URL]
    senders = list(Mailbox.objects.filter(active=True))
    if not senders and not settings.OUTREACH_FROM:
        found.append(readiness.NO_SENDER)
    for sender in senders:
        if lacking := readiness.lacking(sender):
            sentence = 'Nothing goes out from {}: {} <a href="{}">Look at the sender</a>'
            url = reverse("outreach:sender", args=[sender.pk])
            found.append(format_html(sentence, sender.address, " ".join(lacking), url))
    return found


def people(text: str, prefix: str = "") -> Q:
    """Return the condition that a contact (at the end of `prefix`, such as `contact__`) answers to what was typed.

    A whole address finds its contact; words find names and companies that contain every one of them.
    """
    if "@" in text:
        return Q(**{f"{prefix}addresses__email_index": blind_index(normalise_email(text))})
    found = Q()
    for word in text.split():
        folded = name_key(word, "") or word
        found &= Q(**{f"{prefix}name_key__contains": folded}) | Q(**{f"{prefix}brand__name__icontains": word})
    return found


def without_secrets(prefix: str) -> list[str]:
    """Return the encrypted columns of a contact and its brand that a list does not show: no need to decrypt them."""
    return [f"{prefix}linkedin_url", f"{prefix}evidence", f"{prefix}brand__facts"]


class Filters(NoColons, forms.Form):
    """Filters of a list, in its address. What is not a choice is left out of account."""

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.full_clean()

    def value(self, name: str) -> Any:
        """Return what was chosen, or None."""
        return self.cleaned_data.get(name) or None


def noted(action: str, shown: Page[Row], request: HttpRequest) -> Page[Row]:
    """Return one page of a list of people's data, with an entry in the audit trail that it was looked at."""
    audited.listed(action, [row.pk for row in shown], [name for name, value in request.GET.items() if value])
    return shown


def choices(values: list[tuple[str, Any]], everything: str = "All") -> list[tuple[str, Any]]:
    """Return the choices of a filter, with one for no filter first."""
    return [("", everything), *values]
