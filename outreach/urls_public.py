"""What recipients reach, without signing in."""

from django.urls import path

from . import unsubscribing

urlpatterns = [path("unsubscribe/<str:token>", unsubscribing.page, name="unsubscribe")]
