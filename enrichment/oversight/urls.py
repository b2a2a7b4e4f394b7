"""The pages of compliance, mounted at /compliance/; for admins."""

from django.urls import path

from . import assessments, audit, home, notices, regions, register, requests, retention

app_name = "oversight"
urlpatterns = [
    path("", home.overview, name="home"),
    path("audit/", audit.listing, name="audit"),
    path("audit/person/", audit.search_person, name="audit-person"),
    path("audit/csv/", audit.as_csv, name="audit-csv"),
    path("audit/<uuid:entry_id>/", audit.detail, name="audit-entry"),
    path("retention/", retention.page, name="retention"),
    path("register/", register.page, name="register"),
    path("register/markdown/", register.markdown, name="register-markdown"),
    path("register/json/", register.as_json, name="register-json"),
    path("assessments/", assessments.listing, name="assessments"),
    path("assessments/<slug:purpose>/new/", assessments.make, name="assessment-new"),
    path("assessments/<slug:purpose>/<int:version>/", assessments.detail, name="assessment"),
    path("notices/", notices.listing, name="notices"),
    path("notices/<uuid:pk>/told/", notices.tell, name="notice-told"),
    path("requests/", requests.listing, name="requests"),
    path("requests/new", requests.new, name="request-new"),
    path("requests/<uuid:request_id>", requests.detail, name="request"),
    path("requests/<uuid:request_id>/file", requests.take, name="request-file"),
    path("requests/<uuid:request_id>/send", requests.send, name="request-send"),
    path("requests/<uuid:request_id>/do", requests.carry_out, name="request-do"),
    path("requests/<uuid:request_id>/erase", requests.erase, name="request-erase"),
    path("requests/<uuid:request_id>/lift", requests.lift, name="request-lift"),
    path("requests/<uuid:request_id>/refuse", requests.refuse, name="request-refuse"),
    path("regions/", regions.listing, name="regions"),
    path("regions/<slug:code>/", regions.detail, name="region"),
    path("regions/<slug:code>/reset/", regions.reset, name="region-reset"),
]
