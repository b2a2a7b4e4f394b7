"""The pages of outreach, mounted at /outreach/."""

from django.urls import path

from . import enrolments, events, experiments, messages, senders, sequences, suppression, tasks, templates
from .calendar import weeks

app_name = "outreach"
urlpatterns = [
    path("", sequences.home, name="home"),
    path("sequences/", sequences.listing, name="sequences"),
    path("sequences/new/", sequences.new, name="sequence-new"),
    path("sequences/<uuid:pk>/", sequences.edit, name="sequence"),
    path("sequences/<uuid:pk>/copy/", sequences.copy, name="sequence-copy"),
    path("sequences/<uuid:pk>/<slug:do>/", sequences.change, name="sequence-change"),
    path("templates/", templates.listing, name="templates"),
    path("templates/new/", templates.edit, name="template-new"),
    path("templates/<uuid:pk>/", templates.edit, name="template"),
    path("templates/<uuid:pk>/variants/new/", templates.variant, name="variant-new"),
    path("templates/<uuid:pk>/variants/<uuid:variant_pk>/", templates.variant, name="variant"),
    path("enrolments/", enrolments.listing, name="enrolments"),
    path("enrolments/<uuid:pk>/", enrolments.detail, name="enrolment"),
    path("enrolments/<uuid:pk>/<slug:do>/", enrolments.change, name="enrolment-change"),
    path("contacts/<uuid:pk>/enrol/", enrolments.enrol, name="enrol"),
    path("companies/<uuid:pk>/<slug:do>/", enrolments.change_company, name="company-change"),
    path("suppression/add/", suppression.add, name="suppression-add"),
    path("tasks/", tasks.listing, name="tasks"),
    path("tasks/<uuid:pk>/<slug:do>/", tasks.change, name="task-change"),
    path("outbox/", messages.outbox, name="outbox"),
    path("sent/", messages.sent, name="sent"),
    path("messages/<uuid:pk>/", messages.detail, name="message"),
    path("messages/<uuid:pk>/<slug:do>/", messages.change, name="message-change"),
    path("calendar/", weeks, name="calendar"),
    path("events/", events.listing, name="events"),
    path("events/<uuid:pk>/", events.detail, name="event"),
    path("events/<uuid:pk>/assign/", events.assign, name="event-assign"),
    path("events/<uuid:pk>/<slug:do>/", events.change, name="event-change"),
    path("experiments/", experiments.listing, name="experiments"),
    path("experiments/new/", experiments.new, name="experiment-new"),
    path("experiments/<uuid:pk>/", experiments.detail, name="experiment"),
    path("experiments/<uuid:pk>/<slug:do>/", experiments.change, name="experiment-change"),
    path("senders/", senders.listing, name="senders"),
    path("senders/new/", senders.edit, name="sender-new"),
    path("senders/<uuid:pk>/", senders.edit, name="sender"),
    path("senders/<uuid:pk>/<slug:do>/", senders.change, name="sender-change"),
]
