"""The pages of the CRM, mounted at /crm/."""

from django.urls import path
from django.views.generic import RedirectView

from . import brands, contacts, duplicates, merging, suppression

app_name = "crm"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="crm:contacts"), name="home"),
    path("contacts/", contacts.listing, name="contacts"),
    path("duplicates/", duplicates.listing, name="duplicates"),
    path("contacts/<uuid:pk>/", contacts.detail, name="contact"),
    path("contacts/<uuid:pk>/edit/", contacts.edit, name="contact-edit"),
    path("contacts/<uuid:pk>/region/", contacts.correct_region, name="contact-region"),
    path("contacts/<uuid:pk>/notes/", contacts.add_note, name="contact-note"),
    path("contacts/<uuid:pk>/consents/", contacts.add_consent, name="contact-consent"),
    path("contacts/<uuid:pk>/primary/", contacts.make_primary, name="contact-primary"),
    path("consents/<uuid:pk>/withdraw/", contacts.withdraw_consent, name="consent-withdraw"),
    path("contacts/<uuid:pk>/merge/", merging.choose, name="merge-choose"),
    path("contacts/<uuid:pk>/merge/<uuid:gone_pk>/", merging.merge, name="merge"),
    path("merges/<uuid:pk>/undo/", merging.undo, name="merge-undo"),
    path("brands/", brands.listing, name="brands"),
    path("brands/<uuid:pk>/", brands.detail, name="brand"),
    path("brands/<uuid:pk>/region/", brands.correct_region, name="brand-region"),
    path("suppression/", suppression.listing, name="suppression"),
    path("suppression/check/", suppression.check, name="suppression-check"),
    path("suppression/remove/", suppression.remove, name="suppression-remove"),
]
