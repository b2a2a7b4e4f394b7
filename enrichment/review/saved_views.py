"""Views of the list that somebody keeps: its filters, order and columns under a name of their own."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from core import audit
from core.pages import action, back, user_of
from enrichment.models import SavedView

from . import list_state

MOST = 30  # of one user: they are the tabs above the list


class ViewForm(forms.Form):
    name = forms.CharField(max_length=SavedView._meta.get_field("name").max_length)


def of(user: User) -> list[SavedView]:
    """Return the views that a user keeps, by their names."""
    return list(SavedView.objects.filter(user=user))


def keep(user: User, name: str, query: str) -> SavedView:
    """Write down what a query string says under a name; a view of this name says that from now on.

    Raises ValueError with a sentence when the user has as many views as there may be.
    """
    others = SavedView.objects.filter(user=user).exclude(name=name)
    if others.count() >= MOST:
        raise ValueError(f"You keep {MOST} views already: delete one first.")
    said = list_state.read(QueryDict(query)).query()
    with transaction.atomic():
        view, made = SavedView.objects.update_or_create(user=user, name=name, defaults={"query": said})
        audit.record("view.created" if made else "view.changed", of=view, actor=user)
    return view


@action("enrichment.view_enrichedcontact")
def save(request: HttpRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, "The view was not kept: give it a name of at most 60 characters.")
        return back(request, "review:contacts")
    try:
        view = keep(user_of(request), form.cleaned_data["name"], request.POST.get("query", ""))
    except ValueError as error:
        messages.error(request, str(error))
        return back(request, "review:contacts")
    messages.success(request, f"The view “{view.name}” is kept.")
    return HttpResponseRedirect(f"{reverse('review:contacts')}?{view.query}")


@action("enrichment.view_enrichedcontact")
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    with transaction.atomic():
        audit.record("view.deleted", of=view)
        view.delete()
    messages.success(request, f"The view “{view.name}” is deleted. The contacts in it stay.")
    return back(request, "review:contacts")


@action("enrichment.view_enrichedcontact")
def make_default(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let a view be the one that the list opens with; with `default` 0, no longer."""
    view = get_object_or_404(SavedView, pk=pk, user=user_of(request))
    wanted = request.POST.get("default") != "0"
    with transaction.atomic():
        SavedView.objects.filter(user=view.user_id).update(is_default=False)
        SavedView.objects.filter(pk=view.pk).update(is_default=wanted)
        audit.record("view.changed", of=view, default=wanted)
    opens = f"opens with “{view.name}”" if wanted else "opens with all contacts, the newest first"
    messages.success(request, f"The list {opens} from now on.")
    return back(request, "review:contacts")
