"""The overview of compliance: what there is to do, and whether what must hold does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core import key_check
from core.models import AuditEntry, AuditHead
from core.pages import allowed
from crm import assessments, region_rules
from crm.models import Assessment
from enrichment import register, retention
from enrichment.models import PurgeReport, RequestState, SubjectRequest
from outreach import notices

GOOD, WAIT, BAD = "good", "wait", "bad"
WORDS = {GOOD: "In order", WAIT: "To do", BAD: "Now"}
SEALED_WITHIN = timedelta(minutes=10)  # the schedule seals every quarter of a minute
PURGED_WITHIN = timedelta(hours=3)  # the purge runs every hour


@dataclass(frozen=True, slots=True)
class Line:
    """One matter: how it stands (a tone), in sentences, and the name of the page where it is seen to."""

    title: str
    tone: str
    sentences: list[str]
    page: str

    @property
    def word(self) -> str:
        return WORDS[self.tone]


@allowed("enrichment.view_purgereport")
def overview(request: HttpRequest) -> HttpResponse:
    lines = [make() for make in LINES]
    lines.sort(key=lambda line: [BAD, WAIT, GOOD].index(line.tone))
    return render(request, "oversight/home.html", {"lines": lines, "todo": sum(one.tone != GOOD for one in lines)})


def _requests() -> Line:
    now = timezone.now()
    due = list(
        SubjectRequest.objects.filter(state=RequestState.OPEN).order_by("due_at").values_list("due_at", flat=True)
    )
    if not due:
        return Line("Requests of people", GOOD, ["No request is open."], "oversight:requests")
    late = sum(moment <= now for moment in due)
    said = [f"{_count(len(due), 'request')} {'is' if len(due) == 1 else 'are'} open."]
    if late:
        said.append(f"{late} of them {'is' if late == 1 else 'are'} overdue: the law gives a month (article 12).")
    else:
        said.append(f"The first is due on {due[0]:%Y-%m-%d}.")
    return Line("Requests of people", BAD if late else WAIT, said, "oversight:requests")


def _notices() -> Line:
    now = timezone.now()
    due, late = notices.due(now).count(), notices.overdue(now).count()
    said = [f"{_count(due, 'person', 'people')} must be told within a week that we have their data."] if due else []
    if late:
        said.append(f"{_count(late, 'person', 'people')} should have been told: tell them, or have them purged.")
    tone = BAD if late else WAIT if due else GOOD
    return Line("Notices to people", tone, said or ["Nobody must be told within a week."], "oversight:notices")


def _assessments() -> Line:
    needed = assessments.missing_or_old(timezone.localdate())
    said = [f"{Assessment.Purpose(purpose).label}: {why}" for purpose, why in needed.items()]
    return Line(
        "Assessments", WAIT if said else GOOD, said or ["There is one for each purpose."], "oversight:assessments"
    )


def _retention() -> Line:
    now = timezone.now()
    upcoming = retention.upcoming(now)
    late = sum(one.now for one in upcoming)
    stuck = any(one.next_at and one.now and one.next_at < now - PURGED_WITHIN for one in upcoming)
    had = "has had its time" if late == 1 else "have had their time"
    said = [f"{_count(late, 'row')} {had}." if late else "Nothing has had its time."]
    if stuck:
        said.append("The hourly run seems not to run: look at the scheduler and the workers.")
    last = PurgeReport.objects.first()
    if last is not None:
        said.append(f"{_count(last.total, 'row')} went on {last.at:%Y-%m-%d}, the last time that something did.")
    return Line("Retention", BAD if stuck else GOOD, said, "oversight:retention")


def _regions() -> Line:
    old = [row.rule.country for row in region_rules.table() if row.old]
    said = [f"{_count(len(old), 'rule')} not looked up for long: {', '.join(old)}."] if old else []
    return Line("Countries", WAIT if said else GOOD, said or ["Every rule was looked up lately."], "oversight:regions")


def _trail() -> Line:
    head = AuditHead.objects.first()
    waiting = AuditEntry.objects.filter(number__isnull=True, at__lt=timezone.now() - SEALED_WITHIN).exists()
    said = [f"{_count(head.number - head.purged_through if head else 0, 'entry', 'entries')} in the chain."]
    if waiting:
        said.append("Entries wait to be sealed for long: look at the scheduler and the workers.")
    return Line("Audit trail", BAD if waiting else GOOD, said, "oversight:audit")


def _keys() -> Line:
    wrong = key_check.problem()
    said = wrong or "The encryption keys are those that the database was written with."
    return Line("Keys", BAD if wrong else GOOD, [said], "")


def _controller() -> Line:
    missing = register.controller().missing
    said = [f"Not set: {', '.join(missing)}. Notices and the register need it."] if missing else ["All is set."]
    return Line("Who answers for the data", WAIT if missing else GOOD, said, "oversight:register")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


LINES: list[Callable[[], Line]] = [_requests, _notices, _assessments, _retention, _regions, _trail, _keys, _controller]
