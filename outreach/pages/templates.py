"""Templates and their variants: the list, and the editor with a preview for a real contact."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.pages import NoColons, allowed, paginated, user_of
from crm.models import Contact
from outreach import audited, composing, experiments, mailboxes, rendering
from outreach.models import Enrolment, Template, Variant

from .common import page, without_secrets

CONTACTS = 20
BOTH = ("GET", "HEAD", "POST")
WRITTEN = ("name", "subject", "body")


class TextForm(NoColons, forms.ModelForm):
    """Subject and body that can be rendered."""

    body = forms.CharField(widget=forms.Textarea(attrs={"rows": 14}), max_length=20_000, strip=False)

    def clean(self) -> None:
        if {"subject", "body"} & set(self.changed_data) and experiments.is_frozen(self.instance):
            raise forms.ValidationError(experiments.FROZEN)

    def clean_subject(self) -> str:
        return _renderable(self.cleaned_data["subject"])

    def clean_body(self) -> str:
        return _renderable(self.cleaned_data["body"].replace("\r\n", "\n"))


def _renderable(text: str) -> str:
    if found := rendering.problems(text):
        raise forms.ValidationError(found)
    return text


class TemplateForm(TextForm):
    class Meta:
        model = Template
        fields = ["name", "subject", "body"]
        help_texts = {"subject": "E-mail only. A follow-up without one answers in the same conversation."}


class VariantForm(TextForm):
    class Meta:
        model = Variant
        fields = ["name", "subject", "body"]


@allowed("outreach.view_template")
def listing(request: HttpRequest) -> HttpResponse:
    rows = (
        Template.objects.annotate(
            used=Count("steps__version__sequence", distinct=True), wordings=Count("variants", distinct=True)
        )
        .defer("body")
        .order_by("name")
    )
    return page(request, "outreach/templates.html", page=paginated(request, rows))


@allowed("outreach.view_template", methods=BOTH)
def edit(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Make or edit a template; `do=preview` shows what is typed, for a contact, and saves nothing."""
    template = get_object_or_404(Template, pk=pk) if pk else None
    form = TemplateForm(request.POST or None, instance=template)
    may = _may(request, "template", template)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "preview":
        row = form.save(commit=False)
        audited.save(row, "template", WRITTEN, user_of(request))
        messages.success(request, f"“{row}” is saved. Messages that wait will have the new text.")
        return redirect("outreach:template", row.pk)
    variants = list(template.variants.all()) if template else []
    return page(
        request,
        "outreach/template.html",
        template=Template.objects.get(pk=template.pk) if template else None,  # as it is stored, whatever was typed
        form=form,
        may=may,
        variants=variants,
        variables=rendering.VARIABLES,
        **_preview(request, form),
    )


@allowed("outreach.view_template", "outreach.view_variant", methods=BOTH)
def variant(request: HttpRequest, pk: UUID, variant_pk: UUID | None = None) -> HttpResponse:
    """Make or edit another wording of a template."""
    template = get_object_or_404(Template, pk=pk)
    row = get_object_or_404(Variant, pk=variant_pk, template=template) if variant_pk else None
    start = {"subject": template.subject, "body": template.body}
    form = VariantForm(request.POST or None, instance=row or Variant(template=template), initial=None if row else start)
    may = _may(request, "variant", row)
    if request.method == "POST" and form.is_valid() and request.POST.get("do") != "preview":
        name = form.cleaned_data["name"]
        if template.variants.filter(name=name).exclude(pk=form.instance.pk).exists():
            form.add_error("name", "This template has a variant of this name already: choose another name.")
        else:
            audited.save(form.save(commit=False), "variant", WRITTEN, user_of(request))
            messages.success(request, f"The variant “{name}” is saved.")
            return redirect("outreach:template", pk)
    return page(
        request,
        "outreach/template.html",
        template=template,
        form=form,
        may=may,
        is_variant=True,
        variables=rendering.VARIABLES,
        **_preview(request, form),
    )


def _may(request: HttpRequest, model: str, row: Any) -> bool:
    """Return whether one may save; raises PermissionDenied for whoever tries without, and may not make a new one."""
    may = user_of(request).has_perm(f"outreach.{'change' if row else 'add'}_{model}")
    if not may and (row is None or (request.method == "POST" and request.POST.get("do") != "preview")):
        raise PermissionDenied
    return may


def _preview(request: HttpRequest, form: forms.ModelForm) -> dict[str, Any]:
    """Return the text for the contact chosen, or the first, and the short list to choose from."""
    if not user_of(request).has_perm("crm.view_contact"):
        return {}
    recent = Enrolment.objects.order_by("-created_at").values_list("contact_id", flat=True)[:CONTACTS]
    rows = Contact.objects.select_related("brand").defer(*without_secrets(""))
    contacts = list(rows.filter(pk__in=list(recent))) or list(rows.order_by("-created_at")[:CONTACTS])
    chosen = next((c for c in contacts if str(c.pk) == request.POST.get("contact")), contacts[0] if contacts else None)
    if chosen is None:
        return {"contacts": []}
    whole = Contact.objects.select_related("brand").get(pk=chosen.pk)
    wording = Template(subject=form["subject"].value() or "", body=form["body"].value() or "")
    text = composing.preview(wording, whole, mailboxes.default(), user_of(request))
    return {"contacts": contacts, "chosen": chosen, "text": text}
