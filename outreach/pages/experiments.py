"""Experiments: two wordings compared, with how many are missing and what came out."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from core.pages import action, back, paginated, staff, user_of
from outreach import experiments
from outreach.models import Experiment, Variant

from .common import page


class ExperimentForm(forms.Form):
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
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        label = lambda variant: f"{variant.template}: {variant}"  # noqa: E731
        self.fields["variant"].label_from_instance = label  # type: ignore[attr-defined]


@staff("outreach.view_experiment")
def listing(request: HttpRequest) -> HttpResponse:
    shown = paginated(request, Experiment.objects.select_related("template", "variant"))
    totals = experiments.totals(shown)
    return page(request, "outreach/experiments.html", page=shown, rows=[(row, totals.get(row.pk, 0)) for row in shown])


@staff("outreach.add_experiment", methods=("GET", "HEAD", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    form = ExperimentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        size = data["planned_per_arm"]
        try:
            made = experiments.create(data["name"], data["variant"].template, data["variant"], size, user_of(request))
        except experiments.NotPossible as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The experiment is made. Start it when you are ready.")
            return redirect("outreach:experiment", made.pk)
    # How many companies it takes to notice such a change, for those who do not know.
    sizes = [(a, b, experiments.size_for(a, b)) for a, b in ((0.02, 0.04), (0.05, 0.10), (0.10, 0.15), (0.10, 0.20))]
    return page(request, "outreach/experiment_new.html", form=form, sizes=sizes, variants=Variant.objects.exists())


@staff("outreach.view_experiment")
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
