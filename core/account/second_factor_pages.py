"""The pages on which a user turns the second factor on and off."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters

from core import second_factor
from core.account.forms import FirstCodeForm, PasswordForm
from core.account.signing_in import refusal_of
from core.pages import action, allowed, user_of


@action()
def begin(request: HttpRequest) -> HttpResponse:
    """Make a key for an app, and lead to the page that shows it."""
    if second_factor.of(user_of(request)) is None:
        second_factor.begin(user_of(request))
    return redirect("second-factor")


@sensitive_post_parameters()
@allowed(methods=("GET", "HEAD", "POST"))
def page(request: HttpRequest) -> HttpResponse:
    """Show the state of the second factor: on, being set up, or neither. A first code turns it on."""
    user = user_of(request)
    if second_factor.of(user) is not None:
        return _on(request, PasswordForm(request))
    device = second_factor.begun(user)
    if device is None:
        return redirect("account")
    form = FirstCodeForm(user, request.POST or None)
    if form.is_valid():
        return _codes(request, form.codes)
    context = {"form": form, "picture": second_factor.picture(device), "secret": second_factor.secret(device)}
    return render(request, "account/second_factor_new.html", context)


@sensitive_post_parameters()
@action()
def change(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes (`do=codes`) or turn the second factor off (`do=off`), given the password."""
    user = user_of(request)
    if second_factor.of(user) is None:
        return redirect("account")
    form = PasswordForm(request, request.POST)
    if not form.is_valid():
        return _on(request, form)
    if request.POST.get("do") == "codes":
        return _codes(request, second_factor.new_codes(user))
    second_factor.turn_off(user, by=user)
    messages.success(request, "The second factor is off. Your password alone signs you in.")
    return redirect("account")


def _on(request: HttpRequest, form: PasswordForm) -> HttpResponse:
    user = user_of(request)
    context = {"form": form, "device": second_factor.of(user), "codes_left": second_factor.codes_left(user)}
    refusal = refusal_of(form)
    answer = render(request, "account/second_factor.html", context, status=refusal.get("status"))
    for name, value in refusal.get("headers", {}).items():
        answer[name] = value
    return answer


def _codes(request: HttpRequest, codes: list[str] | None) -> HttpResponse:
    """Show recovery codes, once, in the answer itself."""
    return render(request, "account/recovery_codes.html", {"codes": codes})
