"""Every URL of the product."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core import pwa
from core.account import signing_in
from enrichment.api.tokens import ObtainToken, RefreshToken, RevokeToken
from outreach.api.urls import crm_urlpatterns

from . import health

# What the browsable API links to; DRF's own have trailing slashes, which paths under /api/ have not.
browsable_sign_in = [
    path("login", signing_in.from_elsewhere, name="login"),
    path("logout", signing_in.SignOut.as_view(), name="logout"),
]

urlpatterns = [
    path("", include("enrichment.review.urls")),
    path("account/", include("core.account.urls")),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("service-worker.js", pwa.service_worker, name="service-worker"),
    path("offline/", pwa.offline, name="offline"),
    # Before the admin's own: there is one page for each of these.
    path("admin/login/", signing_in.from_admin),
    path("admin/logout/", signing_in.SignOut.as_view()),
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/", admin.site.urls),
    path("crm/", include("crm.pages.urls")),
    path("outreach/", include("outreach.pages.urls")),
    path("compliance/", include("enrichment.oversight.urls")),
    path("privacy/", include("enrichment.privacy.urls")),
    path("api/enrichment/", include("enrichment.api.urls")),
    path("api/crm/", include("crm.api.urls")),
    path("api/crm/", include(crm_urlpatterns)),
    path("api/outreach/", include("outreach.api.urls")),
    path("api/auth/token", ObtainToken.as_view(), name="token"),
    path("api/auth/token/refresh", RefreshToken.as_view(), name="token-refresh"),
    path("api/auth/token/revoke", RevokeToken.as_view(), name="token-revoke"),
    path("api/auth/", include((browsable_sign_in, "rest_framework"))),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("", include("outreach.urls_public")),
    path("webhooks/anymail/", include("outreach.urls_webhooks")),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
]
handler404 = "core.api.errors.page_not_found"
handler500 = "core.api.errors.server_error"
