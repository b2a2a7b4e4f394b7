"""Rules of countries: the whole table, one beside what came with the product, changing it and taking it back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from core.pages import NoColons, action, allowed, user_of
from crm import region_rules, regions
from crm.region_rules import Invalid, Row
from enrichment import intake
from enrichment.review.discover_forms import countries

VIEW, CHANGE = "crm.view_regionrule", "crm.change_regionrule"
WORDS = {
    "policy": {
        "allowed_opt_out": "Allowed, with a way to opt out",
        "restricted": "Only under conditions",
        "needs_consent": "Needs consent",
    },
    "default_action": {"allow": "Allow", "hold": "Hold until a person has decided", "block": "Block"},
    "generated_address": {"yes": "May be written to", "caution": "With caution", "no": "No", "unknown": "Not known"},
    "evidence": {
        "regulator_or_statute": "The law itself, or its regulator",
        "secondary": "A secondary source",
        "dated_secondary": "An older secondary source",
        "unchecked": "Not checked against a source",
    },
    "confidence": {"high": "High", "medium": "Medium", "low": "Low: every message is held"},
}
LABELS = {
    "policy": "Policy",
    "default_action": "What becomes of a first message",
    "need_published_address": "The address must be published by the company",
    "need_role_relevance": "The message must concern the person's role",
    "automated_send_ok": "May be sent automatically",
    "generated_address": "Addresses formed from the name",
    "direct_messages_too": "Direct messages fall under the same rule",
    "optout_deadline_days": "Days to honour an opt-out",
    "label_required": "Label that the message needs",
    "registry_to_check": "Register to look into first",
    "conditions": "Conditions",
    "source_law": "Law",
    "source_url": "Where it was read",
    "evidence": "Kind of source",
    "confidence": "Confidence",
    "checked_on": "Checked on",
}


def _choice(name: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=LABELS[name], choices=list(WORDS[name].items()))


def _flag(name: str) -> forms.BooleanField:
    return forms.BooleanField(label=LABELS[name], required=False)


class RuleForm(NoColons, forms.Form):
    """All of a rule, and why it is changed. What may be is for region_rules.py to say."""

    policy = _choice("policy")
    default_action = _choice("default_action")
    need_published_address = _flag("need_published_address")
    need_role_relevance = _flag("need_role_relevance")
    automated_send_ok = _flag("automated_send_ok")
    direct_messages_too = _flag("direct_messages_too")
    generated_address = _choice("generated_address")
    optout_deadline_days = forms.IntegerField(
        label=LABELS["optout_deadline_days"], required=False, min_value=0, max_value=365, help_text="0: at once."
    )
    label_required = forms.CharField(label=LABELS["label_required"], required=False, max_length=300)
    registry_to_check = forms.CharField(label=LABELS["registry_to_check"], required=False, max_length=300)
    conditions = forms.CharField(label=LABELS["conditions"], widget=forms.Textarea({"rows": 4}), max_length=2000)
    source_law = forms.CharField(label=LABELS["source_law"], required=False, max_length=300)
    source_url = forms.URLField(
        label=LABELS["source_url"],
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="A rule that allows more than the one that came with the product needs both.",
    )
    evidence = _choice("evidence")
    confidence = _choice("confidence")
    checked_on = forms.DateField(label=LABELS["checked_on"], widget=forms.DateInput({"type": "date"}))
    reason = forms.CharField(
        label="Why it is changed", widget=forms.Textarea({"rows": 2}), max_length=500, help_text="Kept for ever."
    )


@allowed(VIEW)
def listing(request: HttpRequest) -> HttpResponse:
    """Every country with its rule; `?country=` leads to one that has none of its own."""
    if wanted := request.GET.get("country", ""):
        return redirect("oversight:region", _known(wanted).code)
    rows = region_rules.table()
    context = {
        "rows": [(row, _said(row, "policy"), _said(row, "default_action")) for row in rows],
        "old": sum(row.old for row in rows),
        "changed": sum(row.changed is not None for row in rows),
        "others": [pair for pair in countries() if pair[0] not in regions.known()],
    }
    return render(request, "oversight/regions.html", context)


@allowed(VIEW, methods=("GET", "HEAD", "POST"))
def detail(request: HttpRequest, code: str) -> HttpResponse:
    """One country: all columns, the file's beside ours; and the form that changes them."""
    row = _known(code)
    user = user_of(request)
    if request.method != "POST" or not user.has_perm(CHANGE):
        status = 403 if request.method == "POST" else 200
        return _page(request, row, RuleForm(initial=_initial(row)), status)
    form = RuleForm(request.POST)
    if form.is_valid():
        values = dict(form.cleaned_data)
        try:
            region_rules.save(row.code, values, values.pop("reason"), user)
        except Invalid as error:
            for name, sentence in error.errors.items():
                form.add_error(name or None, sentence)
        else:
            messages.success(request, "Kept. Messages that wait are judged anew within the hour, and when they go.")
            return redirect("oversight:region", row.code)
    return _page(request, row, form, 400)


@action(CHANGE)
def reset(request: HttpRequest, code: str) -> HttpResponse:
    """Let the rule count that came with the product."""
    row = _known(code)
    if region_rules.reset(row.code, user_of(request)):
        messages.success(request, "The rule that came with the product counts again.")
    else:
        messages.info(request, "It counted already.")
    return redirect("oversight:region", row.code)


def _known(code: str) -> Row:
    row = region_rules.row_of(code)
    if row is None:
        raise Http404
    return row


def _initial(row: Row) -> dict[str, Any]:
    values = {name: getattr(row.rule, name) for name in region_rules.FIELDS}
    return {**values, "checked_on": timezone.localdate(), "reason": ""}


def _page(request: HttpRequest, row: Row, form: RuleForm, status: int) -> HttpResponse:
    context = {
        "row": row,
        "form": form,
        "columns": _columns(row),
        "explanation": regions.explanation(row.code),
        "restricted": intake.is_restricted(row.code),
        "is_others": row.code == regions.OTHERS,
    }
    return render(request, "oversight/region.html", context, status=status)


def _columns(row: Row) -> list[tuple[str, str, str, bool]]:
    """Return each column: its label, what counts, what the file says, and whether they differ."""
    differing = row.differing
    return [
        (label, _said(row, name), _word(name, getattr(row.of_file, name)) if row.of_file else "–", name in differing)
        for name, label in LABELS.items()
    ]


def _said(row: Row, name: str) -> str:
    return _word(name, getattr(row.rule, name))


def _word(name: str, value: Any) -> str:
    if name in WORDS:
        return WORDS[name][value]
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "–" if value in (None, "") else str(value)
