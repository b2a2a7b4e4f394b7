"""Experiments: two wordings compared, with how many are missing and what came out."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.pages import NoColons, action, allowed, back, paginated, user_of
from outreach import experiments
from outreach.models import Experiment, Variant

from .common import page

TYPICAL = (4, 8)  # per cent of positive replies


class SizeForm(NoColons, forms.Form):
    """What somebody wants to notice, in per cent."""

    share = forms.FloatField(label="Positive replies now, in %", initial=TYPICAL[0], min_value=0.1, max_value=99.9)
    better = forms.FloatField(label="Worth noticing, in %", initial=TYPICAL[1], min_value=0.1, max_value=99.9)

    def size(self) -> int | None:
        """Return the companies that each arm needs; None, with an error, for what cannot be."""
        if not self.is_valid():
            return None
        try:
            return experiments.size_for(self.cleaned_data["share"] / 100, self.cleaned_data["better"] / 100)
        except ValueError:
            self.add_error("better", "Write another share than the one now.")
            return None


class ExperimentForm(NoColons, forms.Form):
    name = forms.CharField(max_length=100)
    variant = forms.ModelChoiceField(
        Variant.objects.select_related("template"), help_text="It is compared with its template."
    )
    planned_per_arm = forms.IntegerField(
        label="Companies in each arm",
        min_value=experiments.SMALLEST,
        max_value=experiments.LARGEST,
        help_text="The one test is made when so many companies of each arm were written to 14 days ago.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        label = lambda variant: f"{variant.template}: {variant}"  # noqa: E731
        self.fields["variant"].label_from_instance = label  # type: ignore[attr-defined]


@allowed("outreach.view_experiment")
def listing(request: HttpRequest) -> HttpResponse:
    shown = paginated(request, Experiment.objects.select_related("template", "variant"))
    totals = experiments.totals(shown)
    return page(request, "outreach/experiments.html", page=shown, rows=[(row, totals.get(row.pk, 0)) for row in shown])


@allowed("outreach.add_experiment", methods=("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    asked = request.POST.get("do") == "size"  # how many companies it takes: nothing is made, nothing typed is lost
    sizes = SizeForm(request.POST if asked else {"share": TYPICAL[0], "better": TYPICAL[1]})
    size = sizes.size()
    start = {**request.POST.dict(), "planned_per_arm": size} if asked else {"planned_per_arm": size}
    form = ExperimentForm(None if asked else request.POST or None, initial=start)
    if request.method == "POST" and not asked and form.is_valid():
        data = form.cleaned_data
        chosen = data["planned_per_arm"]
        try:
            made = experiments.create(data["name"], data["variant"].template, data["variant"], chosen, user_of(request))
        except experiments.NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The experiment is made. Start it when you are ready.")
            return redirect("outreach:experiment", made.pk)
    context = {"form": form, "sizes": sizes, "size": size, "variants": Variant.objects.exists()}
    return page(request, "outreach/experiment_new.html", **context)


@allowed("outreach.view_experiment")
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    row = get_object_or_404(Experiment.objects.select_related("template", "variant"), pk=pk)
    return page(request, "outreach/experiment.html", experiment=row, verdict=experiments.verdict(row))


@action("outreach.change_experiment")
def change(request: HttpRequest, pk: UUID, do: str) -> HttpResponse:
    """Start or end an experiment."""
    row = get_object_or_404(Experiment, pk=pk)
    act = {"start": experiments.start, "end": experiments.end}.get(do)
    if act is None:
        raise Http404
    try:
        act(row)
    except experiments.NotPossible as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"“{row}” is {'running' if do == 'start' else 'ended'}.")
    return back(request, "outreach:experiment", pk)
