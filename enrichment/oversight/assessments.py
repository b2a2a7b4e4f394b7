"""Assessments of legitimate interest: what counts now for each purpose, earlier versions, and making a new one."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.pages import NoColons, allowed, user_of
from crm import assessments
from crm.models import Assessment
from enrichment import providers, register, sources

LABELS = {
    "interest": ("Interest", "What we want with the data, and that it is lawful, real and stated precisely."),
    "necessity": ("Necessity", "Whether less data, or another way, would do."),
    "balance": ("Balance", "What it means for the people, and what they may expect."),
    "safeguards": ("Safeguards", "What keeps the effects on them small."),
}
CONFIRM = "I have read this, it is so in our company, and I answer for it."


class AssessmentForm(NoColons, forms.Form):
    interest = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), max_length=5000)
    necessity = forms.CharField(widget=forms.Textarea(attrs={"rows": 8}), max_length=5000)
    balance = forms.CharField(widget=forms.Textarea(attrs={"rows": 10}), max_length=5000)
    safeguards = forms.CharField(widget=forms.Textarea(attrs={"rows": 12}), max_length=5000)
    holds = forms.ChoiceField(
        label="Result",
        choices=[("yes", "Our interest outweighs: we may do it"), ("no", "It does not: we may not")],
    )
    review_on = forms.DateField(
        label="To be looked at again on", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    confirmed = forms.BooleanField(label=CONFIRM)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, help_text) in LABELS.items():
            self.fields[name].label, self.fields[name].help_text = label, help_text
        self.fields["review_on"].help_text = "Empty: in a year. Sooner when sources or messages change."

    def clean_review_on(self) -> Any:
        day = self.cleaned_data["review_on"]
        if day is not None and day <= timezone.localdate():
            raise forms.ValidationError("Give a day that lies in the future.")
        return day


@allowed("crm.view_assessment")
def listing(request: HttpRequest) -> HttpResponse:
    rows: dict[str, list[Assessment]] = {purpose: [] for purpose in Assessment.Purpose.values}
    for row in Assessment.objects.order_by("purpose", "-version"):
        rows[row.purpose].append(row)
    needed = assessments.missing_or_old(timezone.localdate())
    shown = [
        (purpose, label, rows[purpose][0] if rows[purpose] else None, rows[purpose][1:], needed.get(purpose, ""))
        for purpose, label in Assessment.Purpose.choices
    ]
    return render(request, "oversight/assessments.html", {"purposes": shown})


@allowed("crm.view_assessment")
def detail(request: HttpRequest, purpose: str, version: int) -> HttpResponse:
    """Show one version."""
    row = get_object_or_404(Assessment, purpose=purpose, version=version)
    current = assessments.current(purpose)
    texts = [(label, getattr(row, name)) for name, (label, _) in LABELS.items()]
    context = {"row": row, "texts": texts, "is_current": current is not None and current.pk == row.pk}
    return render(request, "oversight/assessment.html", context)


@allowed("crm.view_assessment", "crm.add_assessment", methods=("GET", "HEAD", "POST"))
def make(request: HttpRequest, purpose: str) -> HttpResponse:
    """Make a new version: prefilled with the draft, or, with ?from=current, with the version that counts."""
    if purpose not in Assessment.Purpose.values:
        raise Http404
    form = AssessmentForm(request.POST if request.method == "POST" else None, initial=_initial(request, purpose))
    if request.method == "POST" and form.is_valid():
        fields = {**form.cleaned_data, "holds": form.cleaned_data["holds"] == "yes"}
        row = assessments.save(purpose, fields, user_of(request))
        messages.success(request, f"Version {row.version} is kept, and counts from now on.")
        return redirect("oversight:assessments")
    context = {"form": form, "purpose": Assessment.Purpose(purpose), "current": assessments.current(purpose)}
    return render(request, "oversight/assessment_new.html", context, status=400 if form.errors else 200)


def _initial(request: HttpRequest, purpose: str) -> dict[str, Any]:
    current = assessments.current(purpose)
    if request.GET.get("from") == "current" and current is not None:
        return {name: getattr(current, name) for name in LABELS}
    return dict(assessments.draft(purpose, facts()))


def facts() -> assessments.Facts:
    """Return what of the configuration a draft speaks of."""
    try:
        asked = tuple(provider.title for provider in providers.from_settings())
    except ValueError:  # a provider that is not known: `manage.py check` says so
        asked = ()
    return assessments.Facts(
        company=register.controller().name,
        sources=tuple(one.title for one in sources.standings() if one.runs),
        providers=asked,
        retention_days=settings.ENRICHMENT_RETENTION_DAYS,
        probes_mail_servers=settings.ENRICHMENT_SMTP_PROBE,
        restricted_regions=tuple(settings.ENRICHMENT_RESTRICTED_REGIONS),
        texts_kept_days=settings.OUTREACH_KEPT_DAYS,
    )
