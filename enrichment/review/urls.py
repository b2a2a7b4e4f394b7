"""The pages of the review workspace, mounted at the root."""

from django.urls import path

from . import batches, contact, contacts, discover, duplicates, home, jobs, saved_views

app_name = "review"
urlpatterns = [
    path("", home.home, name="home"),
    path("discover/", discover.one, name="discover"),
    path("discover/many/", discover.many, name="discover-many"),
    path("discover/region/", discover.region, name="discover-region"),
    path("jobs/", jobs.listing, name="jobs"),
    path("jobs/<uuid:pk>/", jobs.detail, name="job"),
    path("jobs/<uuid:pk>/progress/", jobs.progress, name="job-progress"),
    path("jobs/<uuid:pk>/retry/", jobs.retry, name="job-retry"),
    path("jobs/<uuid:pk>/cancel/", jobs.cancel, name="job-cancel"),
    path("contacts/", contacts.listing, name="contacts"),
    path("contacts/export/", contacts.export, name="contacts-export"),
    path("contacts/verify/", contacts.verify_selected, name="contacts-verify"),
    path("contacts/views/", saved_views.save, name="view-save"),
    path("contacts/views/<uuid:pk>/delete/", saved_views.delete, name="view-delete"),
    path("contacts/views/<uuid:pk>/default/", saved_views.make_default, name="view-default"),
    path("contacts/<uuid:pk>/", contact.detail, name="contact"),
    path("contacts/<uuid:pk>/edit/", contact.edit, name="contact-edit"),
    path("contacts/<uuid:pk>/verify/", contact.verify, name="contact-verify"),
    path("contacts/<uuid:pk>/notes/", contact.add_note, name="contact-note"),
    path("contacts/<uuid:pk>/evidence/", contact.check_evidence, name="contact-evidence"),
    path("contacts/<uuid:pk>/duplicates/", duplicates.choose, name="duplicates"),
    path("contacts/<uuid:pk>/merge/<uuid:gone_pk>/", duplicates.merge, name="merge"),
    path("merges/<uuid:pk>/undo/", duplicates.undo, name="merge-undo"),
    path("decisions/", batches.listing, name="batches"),
    path("decisions/new/", batches.create, name="batch-new"),
    path("decisions/undo/", batches.undo_last, name="batch-undo-last"),
    path("decisions/<uuid:pk>/", batches.detail, name="batch"),
    path("decisions/<uuid:pk>/preview/", batches.preview, name="batch-preview"),
    path("decisions/<uuid:pk>/confirm/", batches.confirm, name="batch-confirm"),
    path("decisions/<uuid:pk>/discard/", batches.discard, name="batch-discard"),
    path("decisions/<uuid:pk>/undo/", batches.undo, name="batch-undo"),
]
