"""The forms of signing in and of one's own account."""

import zoneinfo
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.models import User
from django.http import HttpRequest
from django_otp.models import Device
from django_otp.plugins.otp_static.models import StaticDevice
from redis.exceptions import RedisError

from core import second_factor, sign_in
from core.pages import NoColons

UNAVAILABLE_SECONDS = 5
BROWSERS_OWN = "As the browser says"


class Slowed(NoColons):
    """A form with a secret to guess. `refusal` is the status and `Retry-After` of an attempt refused unread."""

    refusal: tuple[int, int] | None = None

    def refuse(self, error: sign_in.Refused | RedisError) -> forms.ValidationError:
        """Note why the attempt is not let through; return what the page says of it."""
        if isinstance(error, sign_in.Refused):
            self.refusal = (429, error.seconds)
            return forms.ValidationError(str(error))
        self.refusal = (503, UNAVAILABLE_SECONDS)
        return forms.ValidationError(
            "Nobody can sign in at the moment: Redis, which counts the attempts, does not answer. "
            "Try again in a moment."
        )


class SignInForm(Slowed, AuthenticationForm):
    """User name and password; `get_user()` is whom they belong to."""

    request: HttpRequest

    def clean(self) -> dict[str, Any]:
        username, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if username is not None and password:
            try:
                self.user_cache = sign_in.authenticated(self.request, username, password)
            except (sign_in.Refused, RedisError) as error:
                raise self.refuse(error) from error
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        return self.cleaned_data


class CodeForm(Slowed, forms.Form):
    """The second step of signing in; `device` is the one whose code it was."""

    code = forms.CharField(
        max_length=40,
        label="Code",
        help_text="The six digits that your authenticator app shows, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "none"}),
    )
    device: Device | None = None

    @property
    def used_recovery_code(self) -> bool:
        return isinstance(self.device, StaticDevice)

    def __init__(self, request: HttpRequest, user: User, *args: Any, **kwargs: Any) -> None:
        self.request, self.user = request, user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code = cast(str, self.cleaned_data["code"])
        try:
            sign_in.let_through(self.request, self.user.get_username())
            self.device = sign_in.verified(self.request, self.user, code)
        except (sign_in.Refused, RedisError) as error:
            raise self.refuse(error) from error
        if self.device is None:
            raise forms.ValidationError(
                "This code is not right. Each code of the app is good once and for half a minute: take the next one."
            )
        return code


class FirstCodeForm(NoColons, forms.Form):
    """The first code of an app; `codes` are the recovery codes that are made with it."""

    code = forms.CharField(
        max_length=20,
        label="Code that the app shows now",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    codes: list[str] | None = None

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        code = cast(str, self.cleaned_data["code"])
        self.codes = second_factor.confirm(self.user, code)
        if self.codes is None:
            raise forms.ValidationError(
                "This is not the code of the key above. Check that your device's clock is right, wait a few seconds, "
                "and type the code that the app shows then."
            )
        return code


class OwnPassword(Slowed):
    """A form in which a signed-in user, `request.user`, gives the password once more."""

    request: HttpRequest

    def check(self, password: str) -> str:
        """Return the password when it is right; raise ValidationError otherwise."""
        try:
            user = sign_in.authenticated(self.request, self.request.user.get_username(), password)
        except (sign_in.Refused, RedisError) as error:
            raise self.refuse(error) from error
        if user is None or user.pk != self.request.user.pk:
            raise forms.ValidationError("This is not your password.")
        return password


class ChangePasswordForm(OwnPassword, PasswordChangeForm):
    """The password that one has, and twice the new one."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_old_password(self) -> str:
        return self.check(self.cleaned_data["old_password"])


class PasswordForm(OwnPassword, forms.Form):
    """Asks for the password alone."""

    password = forms.CharField(
        label="Your password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        return self.check(self.cleaned_data["password"])


class ZoneForm(NoColons, forms.Form):
    """The time zone in which dates are shown."""

    zone = forms.ChoiceField(required=False, label="Show dates in")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
        field = cast(forms.ChoiceField, self.fields["zone"])
        field.choices = [("", BROWSERS_OWN), ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]
