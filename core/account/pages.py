"""One's own account: who one is here, the password, the time zone, one's sign-ins."""

from typing import Any

from axes.helpers import get_client_session_hash
from axes.models import AccessLog
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import PasswordChangeView
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy

from core import audit, roles, second_factor
from core.account import audit as sign_ins
from core.account.forms import ChangePasswordForm, ZoneForm
from core.account.signing_in import AnswersRefusals
from core.pages import action, allowed, user_of
from core.viewer import ZONE_COOKIE

YEAR_SECONDS = 365 * 24 * 3600
FAILURE_DAYS = 30


@allowed()
def account(request: HttpRequest) -> HttpResponse:
    """Show the account of whoever is signed in."""
    user = user_of(request)
    context = {
        "role": roles.IN_WORDS[roles.role_of(user)],
        "device": second_factor.of(user),
        "codes_left": second_factor.codes_left(user),
        "zone_form": ZoneForm(initial={"zone": request.COOKIES.get(ZONE_COOKIE, "")}),
        "sign_ins": sign_ins.latest(user),
        "failures": sign_ins.failures_since(user, FAILURE_DAYS),
        "failure_days": FAILURE_DAYS,
    }
    return render(request, "account/account.html", context)


@action()
def set_zone(request: HttpRequest) -> HttpResponse:
    """Keep the chosen time zone in the browser; none chosen: the browser's own."""
    form = ZoneForm(request.POST)
    answer = redirect("account")
    if not form.is_valid():
        messages.error(request, "There is no such time zone. Choose one of the list.")
        return answer
    zone = form.cleaned_data["zone"]
    if zone:
        answer.set_cookie(
            ZONE_COOKIE, zone, max_age=YEAR_SECONDS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
        )
    else:
        answer.delete_cookie(ZONE_COOKIE, samesite="Lax")
    messages.success(request, f"Dates are shown on the clock of {zone}." if zone else "The browser says the time zone.")
    return answer


class ChangePassword(AnswersRefusals, PasswordChangeView):
    """Change one's own password. Every other session of the user ends by it, and every token got with the old one."""

    template_name = "account/password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("account")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"request": self.request, **super().get_form_kwargs()}

    def form_valid(self, form: Any) -> HttpResponse:
        before = get_client_session_hash(self.request)
        with transaction.atomic():
            answer = super().form_valid(form)
            audit.record("password.changed", of=user_of(self.request))
        # The session goes on under another key: its sign-out has to find the sign-in.
        AccessLog.objects.filter(session_hash=before).update(session_hash=get_client_session_hash(self.request))
        messages.success(self.request, "Your password is changed. You are signed out everywhere else.")
        return answer


change_password = allowed(methods=("GET", "HEAD", "POST"))(ChangePassword.as_view())
