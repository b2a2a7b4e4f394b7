"""The sign-in page: a name and a password, then a code where the user has a second factor. One page for everybody."""

import time
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView, LogoutView, RedirectURLMixin, redirect_to_login
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView

from core import audit, second_factor
from core.account.forms import CodeForm, SignInForm, Slowed
from core.account.reset import can_mail

if TYPE_CHECKING:  # the stubs' class takes a type argument, Django's own does not
    CodeView = FormView[CodeForm]
else:
    CodeView = FormView

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING = "pending_sign_in"
PENDING_SECONDS = 300  # between password and code


def refusal_of(form: BaseForm) -> dict[str, Any]:
    """Return what the answer to a form needs that was refused unread: its status and `Retry-After`."""
    if not (isinstance(form, Slowed) and form.refusal):
        return {}
    status, seconds = form.refusal
    return {"status": status, "headers": {"Retry-After": str(seconds)}}


class AnswersRefusals:
    """Mixed into a page with a `Slowed` form: gives an attempt that was refused its status."""

    def render_to_response(self, context: dict[str, Any], **response: Any) -> HttpResponse:
        answer: HttpResponse = cast(Any, super()).render_to_response(context, **response, **refusal_of(context["form"]))
        return answer


class SignIn(AnswersRefusals, LoginView):
    """Ask for name and password; lead on to where one came from, or to the second step."""

    template_name = "account/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if second_factor.of(user) is None:
            answer = super().form_valid(form)
            audit.record("sign_in.succeeded", of=user, actor=user, by="password")
            return answer
        _begin(self.request, user)
        query = urlencode({"next": self.get_redirect_url()})
        return HttpResponseRedirect(f"{reverse('sign-in-code')}?{query}")

    def get_redirect_url(self, _request: HttpRequest | None = None) -> str:
        """Return where to lead on to, "" for this page itself, where Django would see a loop and raise."""
        url = super().get_redirect_url()
        return "" if url == self.request.path else url

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(can_mail=can_mail(), **kwargs)


@method_decorator([sensitive_post_parameters("code"), never_cache], name="dispatch")
class SecondStep(AnswersRefusals, RedirectURLMixin, CodeView):
    """Ask whoever gave the right password for a code, and sign them in with it."""

    template_name = "account/code.html"
    form_class = CodeForm
    user: User

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = _pending(request)
        if user is None:
            messages.warning(request, "The time for the code is over. Begin again with your password.")
            return redirect_to_login(self.get_redirect_url() or "/")
        self.user = user
        return cast(HttpResponse, super().dispatch(request, *args, **kwargs))

    def get_default_redirect_url(self) -> str:
        return resolve_url("review:home")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {"request": self.request, "user": self.user, **super().get_form_kwargs()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(next=self.get_redirect_url(), **kwargs)

    def form_valid(self, form: CodeForm) -> HttpResponse:
        del self.request.session[PENDING]
        cast(Any, self.user).otp_device = form.device
        login(self.request, self.user, backend=BACKEND)
        how = "recovery code" if form.used_recovery_code else "code"
        audit.record("sign_in.succeeded", of=self.user, actor=self.user, by=how)
        if form.used_recovery_code:
            left = second_factor.codes_left(self.user)
            messages.warning(self.request, f"This recovery code is used up; you have {left} left.")
        return HttpResponseRedirect(self.get_success_url())


class SignOut(LogoutView):
    """End the session, and lead to the page of signing in."""

    next_page = "sign-in"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated:
            audit.record("sign_in.ended", of=request.user, actor=request.user)
        return super().post(request, *args, **kwargs)


def _begin(request: HttpRequest, user: User) -> None:
    """Remember who gave the right password. Nobody is signed in by it."""
    request.session.cycle_key()
    request.session[PENDING] = [user.pk, int(time.time()), user.get_session_auth_hash()]


def _pending(request: HttpRequest) -> User | None:
    """Return who gave the right password a moment ago and may still sign in; forget anybody else."""
    key, since, fingerprint = request.session.get(PENDING) or (0, 0, "")
    user = User.objects.filter(pk=key, is_active=True).first() if time.time() - since < PENDING_SECONDS else None
    if user is not None and constant_time_compare(fingerprint, user.get_session_auth_hash()):
        return user
    request.session.pop(PENDING, None)
    return None


def from_elsewhere(request: HttpRequest) -> HttpResponse:
    """Lead from another part's sign-in page, such as the browsable API's, to ours, and back at the end."""
    return redirect_to_login(request.GET.get("next") or "/")


def from_admin(request: HttpRequest) -> HttpResponse:
    """Lead from the admin's sign-in page to ours. Who is signed in and sent here may not use the admin: 403."""
    if request.user.is_authenticated and not admin.site.has_permission(request):
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
