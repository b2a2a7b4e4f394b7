"""/api/enrichment/*: no trailing slash, as the specification prints them (core/paths.py takes one all the same)."""

from rest_framework.routers import SimpleRouter

from .views import ContactViewSet, DiscoveryViewSet, JobViewSet

router = SimpleRouter(trailing_slash=False)
router.register("discover", DiscoveryViewSet, basename="discover")
router.register("jobs", JobViewSet, basename="job")
router.register("contacts", ContactViewSet, basename="contact")

urlpatterns = router.urls
