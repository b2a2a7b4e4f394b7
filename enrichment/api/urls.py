"""/api/enrichment/*: no trailing slash, as the specification prints them (core/paths.py takes one all the same)."""

from rest_framework.routers import SimpleRouter

from . import views

router = SimpleRouter(trailing_slash=False)
router.register("discover", views.DiscoveryViewSet, basename="discover")
router.register("jobs", views.JobViewSet, basename="job")
router.register("approve", views.ApprovalViewSet, basename="approve")
router.register("contacts", views.ContactViewSet, basename="contact")
router.register("email-finder", views.EmailFinderViewSet, basename="email-finder")
router.register("email-verifier", views.EmailVerifierViewSet, basename="email-verifier")
router.register("domains", views.DomainViewSet, basename="domain")
router.register("stats", views.StatsViewSet, basename="stats")
router.register("regions", views.RegionViewSet, basename="region")

urlpatterns = router.urls
