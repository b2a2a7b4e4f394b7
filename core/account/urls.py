"""The pages of signing in and of one's own account, mounted at /account/."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

urlpatterns = [
    path("sign-in/", LoginView.as_view(template_name="account/sign_in.html"), name="sign-in"),
    path("", LoginView.as_view(template_name="account/sign_in.html"), name="account"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
