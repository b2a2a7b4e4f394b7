"""A new password for who forgot theirs: a link by mail, where mail can be sent. No answer tells who has an account."""

from collections.abc import Sequence
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

import structlog
from anymail.exceptions import AnymailError
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.mail import EmailMessage
from django.db import transaction
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse, reverse_lazy
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.views.decorators.cache import never_cache
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import audit, sign_in
from core.pages import NoColons

log = structlog.get_logger(__name__)


def can_mail() -> bool:
    """Return whether this installation can send mails about accounts."""
    return bool((settings.EMAIL_URL or settings.ANYMAIL_ESP) and settings.DEFAULT_FROM_EMAIL)


def send_links(users: Sequence[int], origin: str) -> None:
    """Send each of these users a link for a new password. `origin` is where they reach this server, such as https://host."""
    for user in User.objects.filter(pk__in=users, is_active=True):
        key = {"uidb64": urlsafe_base64_encode(force_bytes(user.pk)), "token": default_token_generator.make_token(user)}
        link = f"{origin}{reverse('password-reset-confirm', kwargs=key)}"
        context = {"user": user, "link": link, "hours": settings.PASSWORD_RESET_TIMEOUT // 3600}
        text = render_to_string("account/reset_mail.txt", context)
        subject = f"A new password for {urlsplit(origin).hostname}"
        try:
            EmailMessage(subject, text, to=[user.email]).send()
            audit.record("password.link_mailed", of=user)
        except (AnymailError, SMTPException, OSError) as error:  # whose text may name the address, which no log may
            log.error("a link for a new password was not sent", user=user.pk, error=type(error).__name__)


class ResetForm(NoColons, PasswordResetForm):
    """Takes an address. A worker sends the mail, for whichever address: no clock tells who exists."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_email(self) -> str:
        from core.tasks import send_reset_links

        email: str = self.cleaned_data["email"]
        origin = f"{self.request.scheme}://{self.request.get_host()}"
        try:
            seconds = sign_in.count_attempt(self.request, email, group="password-reset")
            if seconds is None:
                send_reset_links.delay([user.pk for user in self.get_users(email)], origin)
        except (RedisError, BrokerError, OSError) as error:
            raise ValidationError("No mail can be sent at the moment. Try again in a few minutes.") from error
        if seconds is not None:
            raise ValidationError(f"A link was asked for too often. Try again in {seconds} seconds.")
        return email


@never_cache
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for the address to which the link goes; say how else to get a password where no mail can be sent."""
    if not can_mail():
        return render(request, "account/reset.html", {"form": None})
    form = ResetForm(request, request.POST or None)
    if form.is_valid():
        return redirect("password-reset-sent")
    return render(request, "account/reset.html", {"form": form})


def sent(request: HttpRequest) -> HttpResponse:
    """Say what happens now, whether there is such an account or not."""
    return render(request, "account/reset_sent.html", {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600})


class NewPassword(PasswordResetConfirmView):
    """What the link leads to. Django takes the token out of the address before it shows a form."""

    template_name = "account/reset_new.html"
    success_url = reverse_lazy("sign-in")

    def form_valid(self, form: Any) -> HttpResponse:
        with transaction.atomic():
            answer = super().form_valid(form)
            audit.record("password.reset", of=form.user, actor=form.user, by="mailed link")
        messages.success(self.request, "Your password is changed. Sign in with the new one.")
        return answer
