"""/api/outreach/*: no trailing slash, as everywhere under /api/; and what outreach serves under /api/crm/."""

from django.urls import path
from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(trailing_slash=False)
router.register("sequences", views.SequenceViewSet, basename="outreach-sequence")
router.register("templates", views.TemplateViewSet, basename="outreach-template")
router.register("variants", views.VariantViewSet, basename="outreach-variant")
router.register("enrolments", views.EnrolmentViewSet, basename="outreach-enrolment")
router.register("messages", views.MessageViewSet, basename="outreach-message")
router.register("tasks", views.TaskViewSet, basename="outreach-task")
router.register("events", views.EventViewSet, basename="outreach-event")
router.register("mailboxes", views.MailboxViewSet, basename="outreach-mailbox")
router.register("experiments", views.ExperimentViewSet, basename="outreach-experiment")

urlpatterns = [
    path("calendar", views.CalendarView.as_view(), name="outreach-calendar"),
    path("status", views.StatusView.as_view(), name="outreach-status"),
    *router.urls,
]

crm_router = SimpleRouter(trailing_slash=False)
crm_router.register("suppressions", views.SuppressionViewSet, basename="crm-suppression")

crm_urlpatterns = crm_router.urls
