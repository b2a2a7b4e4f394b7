"""The public pages about people's data, mounted at /privacy/."""

from django.urls import path

from . import pages

app_name = "privacy"
urlpatterns = [
    path("", pages.ask, name="ask"),
    path("confirm/<str:token>", pages.confirm, name="confirm"),
    path("<str:token>", pages.from_mail, name="link"),
]
