"""The pages of signing in and of one's own account, mounted at /account/."""

from django.urls import path

from core.account import pages, reset, second_factor_pages, signing_in

urlpatterns = [
    path("", pages.account, name="account"),
    path("sign-in/", signing_in.SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", signing_in.SecondStep.as_view(), name="sign-in-code"),
    path("sign-out/", signing_in.SignOut.as_view(), name="sign-out"),
    path("time-zone/", pages.set_zone, name="time-zone"),
    path("password/", pages.change_password, name="password"),
    path("password/reset/", reset.ask, name="password-reset"),
    path("password/reset/sent/", reset.sent, name="password-reset-sent"),
    path("password/reset/<uidb64>/<token>/", reset.NewPassword.as_view(), name="password-reset-confirm"),
    path("second-factor/", second_factor_pages.page, name="second-factor"),
    path("second-factor/begin/", second_factor_pages.begin, name="second-factor-begin"),
    path("second-factor/change/", second_factor_pages.change, name="second-factor-change"),
]
