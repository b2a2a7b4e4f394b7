"""Adding to the suppression list on its page: what is planned for those who come onto it stops at once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from core.pages import action
from crm.pages import suppression
from outreach import enrolments as running

from . import enrolments


@action("crm.add_suppression", "crm.view_suppression")
def add(request: HttpRequest) -> HttpResponseBase:
    answer = suppression.add(request)
    if isinstance(answer, HttpResponseRedirect) and (stopped := running.stop_suppressed()):
        messages.success(request, enrolments.sentence("stop", stopped))
    return answer
