"""The product's URLs, with the webhooks as they are when a secret is set."""

from django.urls import include, path

from enrichment_project import urls

urlpatterns = [path("webhooks/anymail/", include("outreach.urls_webhooks")), *urls.urlpatterns]
handler404, handler500 = urls.handler404, urls.handler500
