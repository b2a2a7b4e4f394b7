"""Discoveries of many brands: a list is looked at line by line, then started as far as the limits let it.

What was not started stays in the text field, so that nothing has to be typed or chosen twice.
"""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django import forms
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.pages import NoColons, allowed, user_of
from enrichment.review import budgets, known_brands
from enrichment.review.brand_lists import MAX_BYTES, BrandList, Line, ListError, parse, text_of
from enrichment.review.discover_forms import country_name
from enrichment.review.known_brands import Known
from enrichment.review.starting import Outcome, start_all

PERMISSION = "enrichment.add_enrichmentjob"
NOTHING = "Paste a list, or choose a file."
WAITS = "Your limit is used up: it stays in the list."
WILL_START, NO_ROOM, STARTED = "Will start", "No room now", "Started"
BOTH = "There is a list in the field already: empty it first, or leave the file out."
TOO_LONG = "This is longer than 1 MB: split it."


class ListForm(NoColons, forms.Form):
    text = forms.CharField(
        label="Brands, one a line",
        required=False,
        max_length=MAX_BYTES,
        error_messages={"max_length": TOO_LONG},
        widget=forms.Textarea({"rows": 10, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label="Or a file",
        required=False,
        allow_empty_file=True,
        help_text="CSV or text, up to 1 MB.",
        widget=forms.FileInput({"accept": ".csv,.tsv,.txt,text/csv,text/plain"}),
    )

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if file is None:
            return ""
        if self.cleaned_data.get("text"):
            raise ValidationError(BOTH)
        try:
            return text_of(file.file)
        except ListError as error:
            raise ValidationError(str(error)) from error

    def clean(self) -> None:
        if not self.errors:
            found = parse(self.cleaned_data["text"] or self.cleaned_data["file"])
            if not found.lines:
                self.add_error("text", NOTHING)
            self.cleaned_data["found"] = found


@dataclass(frozen=True, slots=True)
class Row:
    """A line as the page shows it: what it asks for, and what becomes of it in a word, a tone and sentences.

    `status`: the HTTP status of the reason why it was not started.
    """

    line: Line
    word: str
    tone: str
    sentences: list[str] = field(default_factory=list)
    known: Known | None = None
    job: str = ""
    status: int = 200

    @property
    def website(self) -> str:
        return _bare((self.line.request and self.line.request.website) or self.line.cells.get("website", ""))

    @property
    def linkedin(self) -> str:
        return _bare(
            (self.line.request and self.line.request.linkedin_company_url) or self.line.cells.get("linkedin", "")
        )

    @property
    def region(self) -> str:
        code = self.line.request.region if self.line.request else None
        return country_name(code) if code else self.line.cells.get("region", "")


def _bare(url: str) -> str:
    """Return an address on the web without what goes without saying."""
    return url.removeprefix("https://").removeprefix("www.").removesuffix("/") if url.startswith("https://") else url


@allowed(PERMISSION, methods=("GET", "HEAD", "POST"))
def many(request: HttpRequest) -> HttpResponse:
    """The form for a list, what the list says, and what was started of it."""
    if request.method != "POST":
        return _page(request, ListForm())
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=400)
    found: BrandList = form.cleaned_data["found"]
    known = _known(found)
    if "start" not in request.POST:
        room = budgets.discoveries_that_fit(budgets.left(user_of(request)))
        return _page(request, ListForm(initial={"text": found.text}), found, _looked_at(found, known, room))
    rows = _started(found, known, user_of(request), request.POST.get("once", ""))
    done = {row.line.number for row in rows if row.word == STARTED}
    status = 200 if done else max((row.status for row in rows), default=200)
    return _page(request, ListForm(initial={"text": found.without(done)}), found, rows, status)


def _page(
    request: HttpRequest,
    form: ListForm,
    found: BrandList | None = None,
    rows: Sequence[Row] = (),
    status: int = 200,
) -> HttpResponse:
    count = Counter(row.word for row in rows)
    context = {
        "form": form,
        "once": secrets.token_hex(16),
        "budgets": budgets.left(user_of(request)),
        "found": found,
        "rows": rows,
        "fitting": count[WILL_START],
        "waiting": count[NO_ROOM],
        "started": count[STARTED],
        "is_done": "start" in request.POST,
    }
    return render(request, "review/discover_many.html", context, status=status)


def _looked_at(found: BrandList, known: Mapping[int, Known], room: int) -> list[Row]:
    """Return the lines before anything is started, with `room` for so many discoveries."""
    rows = []
    for line in found.lines:
        row = _refused(line, known.get(line.number))
        if row is None and room:
            room -= 1
            row = Row(line, WILL_START, "good", known=known.get(line.number))
        rows.append(row or Row(line, NO_ROOM, "wait", [WAITS], known.get(line.number)))
    return rows


def _started(found: BrandList, known: Mapping[int, Known], user: User, once: str) -> list[Row]:
    """Start what can be started and return what became of each line."""
    refused = {line.number: row for line in found.lines if (row := _refused(line, known.get(line.number)))}
    outcomes = start_all([line for line in found.lines if line.number not in refused], user, once)
    return [
        refused.get(line.number) or _ended(line, known.get(line.number), outcomes[line.number]) for line in found.lines
    ]


def _refused(line: Line, known: Known | None) -> Row | None:
    """Return the row of a line that is not started whatever the limits say."""
    if line.problems:
        return Row(line, "To correct", "bad", line.problems, known, status=400)
    if line.repeats:
        return Row(line, "Twice", "off", [f"The same brand as in line {line.repeats}."], known)
    if known and known.running:
        return Row(line, "Under way", "info", ["It is being looked into now."], known, str(known.running))
    return None


def _ended(line: Line, known: Known | None, outcome: Outcome) -> Row:
    if outcome.job:
        return Row(line, STARTED, "good", known=known, job=outcome.job)
    return Row(line, "Not started", "wait", [outcome.reason], known, status=outcome.status)


def _known(found: BrandList) -> dict[int, Known]:
    """Return what is known of the brands, by the number of their line."""
    wanted = {line.number: (line.request.brand_name, line.request.domain) for line in found.lines if line.request}
    pairs = zip(wanted, known_brands.known(list(wanted.values())), strict=True)
    return {number: known for number, known in pairs if known}
